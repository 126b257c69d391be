"""Where speech comes from, as the player sees it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from bot.speech.order import SpeechOrder


@dataclass(frozen=True, slots=True)
class Pcm:
    """A piece of speech."""

    samples: bytes
    """Signed 16-bit little-endian, one channel."""
    sample_rate_hertz: int


class SpeechSource(Protocol):
    """Has texts spoken."""

    def speak(self, order: SpeechOrder) -> AsyncGenerator[Pcm, None]:
        """Yields speech as it is made, all at one rate; `aclose` ends the work at once.

        Raises ServiceError with words for people.
        """
        ...
