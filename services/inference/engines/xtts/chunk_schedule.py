"""How many tokens are made into audio at a time."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChunkSchedule:
    """First a few tokens, so that audio begins soon, then more, since overlaps cost work.

    Of the first chunk the last tokens wait for those that the vocoder looks at; so the next ones
    are short as well, or a listener would wait again where the model is no faster than speech
    needs.

    Where a stream is cut depends on the count of its own tokens alone, never on who else speaks.
    """

    token_counts: tuple[int, ...] = (8, 8, 8, 12, 20, 40)
    """Of the first chunk, the second, and so on; the last number holds for all that follow."""

    def __post_init__(self) -> None:
        """Refuses a schedule that would make nothing."""
        if not self.token_counts or min(self.token_counts) < 1:
            raise ValueError("A chunk schedule is a list of token counts of at least 1.")

    def chunks(self) -> Iterator[int]:
        """Yields the token count of each chunk, without end."""
        yield from self.token_counts
        while True:
            yield self.token_counts[-1]
