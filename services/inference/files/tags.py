"""What a file says of itself: that no person said this, and what made it."""

from collections.abc import Mapping
from dataclasses import dataclass

TITLE = "Synthetic speech"
GENERATOR = "tts-trainer"


@dataclass(frozen=True, slots=True)
class SpeechTags:
    """Who speaks in a file."""

    voice_id: str
    model: str
    model_version: str

    def as_metadata(self) -> Mapping[str, str]:
        """Returns the tags by name.

        Title and comment are known to every format, so the comment says it all; formats with tags
        of any name also have each alone.
        """
        facts = {
            "synthetic": "1",
            "generator": GENERATOR,
            "voice": self.voice_id,
            "model": self.model,
            "model_version": self.model_version,
        }
        comment = "; ".join(f"{name}={value}" for name, value in facts.items())
        return {"title": TITLE, "comment": comment, **facts}
