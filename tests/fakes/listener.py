"""Whoever writes down what is said in a recording, without hearing it."""

from dataclasses import dataclass, field


@dataclass
class FakeListener:
    """Hears `words` in every recording, or raises `error`."""

    words: str = ""
    error: Exception | None = None
    asked: list[tuple[bytes, str]] = field(default_factory=list)

    async def words_in(self, recording: bytes, language_code: str) -> str:
        """See Listener."""
        self.asked.append((recording, language_code))
        if self.error:
            raise self.error
        return self.words
