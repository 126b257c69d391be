"""How long an utterance may become before it is ended for it."""

from dataclasses import dataclass

from services.inference.engines.engine import FinishReason


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """The most tokens an utterance may have, and what it means when it has them."""

    token_count: int
    reason: FinishReason


@dataclass(frozen=True, slots=True)
class RunawayGuard:
    """How long a text can take to say, in any language: beyond that the model lost its end.

    Bytes of UTF-8 stand for sounds: a Latin letter is one byte and takes about 0.07 s, a
    Cyrillic one two, a Chinese character, a syllable of 0.2 s to 0.25 s, three.
    """

    seconds: float = 2.0
    """For pauses and breath, however short the text."""
    seconds_per_byte: float = 0.18

    def seconds_for(self, text: str) -> float:
        """Returns the longest that `text` can take at normal speed."""
        return self.seconds + self.seconds_per_byte * len(text.encode())


def length_limit(
    text: str,
    *,
    speed: float,
    max_seconds: float,
    token_seconds: float,
    model_token_count: int,
    guard: RunawayGuard,
) -> LengthLimit:
    """Returns the nearest limit: the caller's, the model's own, or that of a runaway.

    `max_seconds` is of audio, which a higher `speed` fits more tokens into.
    """
    limits = (
        LengthLimit(int(max_seconds * speed / token_seconds), FinishReason.MAX_LENGTH),
        LengthLimit(model_token_count, FinishReason.MAX_LENGTH),
        LengthLimit(int(guard.seconds_for(text) / token_seconds), FinishReason.RUNAWAY),
    )
    nearest = min(limits, key=lambda limit: limit.token_count)
    return LengthLimit(max(1, nearest.token_count), nearest.reason)
