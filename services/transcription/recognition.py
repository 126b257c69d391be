"""What a recogniser hears in a piece of audio, and what a recogniser must be able to do."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.speech.regions import Region

SAMPLE_RATE_HERTZ = 16_000
"""What recognisers listen to."""

Samples = NDArray[np.float32]
"""Mono audio at 16 kHz, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word, without spaces around it."""

    text: str
    start_seconds: float
    end_seconds: float
    confidence: float
    """The mean probability of its tokens, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What was recognised in one go."""

    start_seconds: float
    end_seconds: float
    text: str
    confidence: float
    """The mean log probability of the tokens, as a probability."""
    no_speech_probability: float
    words: tuple[Word, ...]

    def shifted(self, seconds: float) -> "Segment":
        """Returns the same, `seconds` later."""
        words = tuple(
            replace(
                word,
                start_seconds=word.start_seconds + seconds,
                end_seconds=word.end_seconds + seconds,
            )
            for word in self.words
        )
        return replace(
            self,
            start_seconds=self.start_seconds + seconds,
            end_seconds=self.end_seconds + seconds,
            words=words,
        )


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised in one cut, in order of time."""

    segments: tuple[Segment, ...]
    language_probabilities: Mapping[str, float]
    """Language code -> probability; empty when the recogniser knows one language only."""

    @property
    def text(self) -> str:
        """The whole of it, with punctuation."""
        return " ".join(segment.text for segment in self.segments if segment.text)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words."""
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def confidence(self) -> float:
        """The mean probability of the words; 0 without words."""
        words = self.words
        return sum(word.confidence for word in words) / len(words) if words else 0.0

    @property
    def no_speech_probability(self) -> float:
        """The highest of the segments; 1 without segments."""
        return max((segment.no_speech_probability for segment in self.segments), default=1.0)


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to search for the words."""

    beam_size: int = 5
    vocabulary_hint: str = ""
    """Words to expect."""


@dataclass(frozen=True, slots=True)
class RecogniserDescription:
    """Which recogniser runs, and how."""

    model: str
    """The name or path that was asked for."""
    model_sha256: str
    device: str
    compute_type: str


class Recogniser(Protocol):
    """A loaded model. Its methods block; calls must not overlap."""

    @property
    def description(self) -> RecogniserDescription:
        """Says which model runs, and how."""

    @property
    def languages(self) -> frozenset[str]:
        """The codes of the languages it knows."""

    def recognise(
        self, cuts: Sequence[Samples], language: str, decoding: Decoding
    ) -> list[Recognition]:
        """Returns what is said in each cut, none longer than MAX_CUT_SECONDS, decoded together.

        Times count from the start of the cut. Words and times of one cut do not depend on the
        others (their probabilities may, in the fourth digit).
        """

    def recognise_alone(self, cut: Samples, language: str, decoding: Decoding) -> Recognition:
        """Returns what is said in one cut by the model's slower, sequential decoding.

        It tells the model to place timestamps and goes on after the last one, so that it also
        finds what follows an early end of the text. It tells no language.
        """

    def languages_of(self, cuts: Sequence[Samples]) -> list[Mapping[str, float]]:
        """Returns language code -> probability of each cut; empty for a one-language model."""


class SpeechDetector(Protocol):
    """Finds speech in mono audio at 16 kHz that comes in blocks. Safe to share between threads."""

    def probabilities(self, blocks: Iterable[Samples]) -> NDArray[np.float32]:
        """Returns the probability of speech in each frame of 32 ms."""

    def regions(self, blocks: Iterable[Samples]) -> list[Region]:
        """Returns the stretches of speech."""


MAX_CUT_SECONDS = 28.0
"""Whisper sees 30 seconds; the rest is silence, after which it ends well."""


def compression_ratio(text: str) -> float:
    """Returns the length of `text` over its compressed length, in bytes; 0 for no text.

    Above 2.4 it repeats itself (Radford et al., "Robust Speech Recognition via Large-Scale Weak
    Supervision", 2022, section 4.5).
    """
    content = text.encode()
    return len(content) / len(zlib.compress(content)) if content else 0.0
