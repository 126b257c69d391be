"""A recogniser that knows tones: what a test plays decides what is heard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.speech.regions import FRAME_SAMPLES, Region, speech_regions
from services.transcription.recognition import (
    SAMPLE_RATE_HERTZ,
    Decoding,
    RecogniserDescription,
    Recognition,
    Samples,
    Segment,
    Word,
)

LOUD_RMS = 0.01
FALLBACK_TEXT = "something or other"


@dataclass
class FakeRecogniser:
    """Hears the phrase that belongs to a cut's loudest frequency, evenly spread over the cut."""

    description: RecogniserDescription
    phrases: Mapping[int, str] = field(default_factory=dict)
    confidences: Mapping[int, float] = field(default_factory=dict)
    """By frequency; 0.95 where not given."""
    second_phrases: Mapping[int, str] = field(default_factory=dict)
    """What the sequential decoding hears instead."""
    languages: frozenset[str] = frozenset({"en"})
    language_probabilities: Mapping[str, float] = field(default_factory=dict)
    batch_sizes: list[int] = field(default_factory=list)
    alone_count: int = 0

    def recognise(
        self, cuts: Sequence[Samples], language: str, decoding: Decoding
    ) -> list[Recognition]:
        """See Recogniser."""
        self.batch_sizes.append(len(cuts))
        return [self._heard(cut, self.phrases) for cut in cuts]

    def recognise_alone(self, cut: Samples, language: str, decoding: Decoding) -> Recognition:
        """See Recogniser."""
        self.alone_count += 1
        return self._heard(cut, {**self.phrases, **self.second_phrases})

    def languages_of(self, cuts: Sequence[Samples]) -> list[Mapping[str, float]]:
        """See Recogniser."""
        return [self.language_probabilities for _ in cuts]

    def _heard(self, cut: Samples, phrases: Mapping[int, str]) -> Recognition:
        hertz = loudest_hertz(cut)
        words = phrases.get(hertz, FALLBACK_TEXT).split()
        confidence = self.confidences.get(hertz, 0.95)
        duration = len(cut) / SAMPLE_RATE_HERTZ
        step = duration / max(1, len(words))
        timed = tuple(
            Word(word, index * step, (index + 1) * step, confidence)
            for index, word in enumerate(words)
        )
        segment = Segment(0.0, duration, " ".join(words), confidence, 0.05, timed)
        return Recognition((segment,) if words else (), self.language_probabilities)


class LoudnessDetector:
    """A SpeechDetector that takes whatever is loud for speech."""

    def probabilities(self, blocks: Iterable[Samples]) -> NDArray[np.float32]:
        """See SpeechDetector."""
        samples = np.concatenate([*blocks])
        count = len(samples) // FRAME_SAMPLES
        frames = samples[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
        loud = np.sqrt(np.square(frames).mean(axis=1)) > LOUD_RMS
        return np.asarray(loud, np.float32)

    def regions(self, blocks: Iterable[Samples]) -> list[Region]:
        """See SpeechDetector."""
        return speech_regions(self.probabilities(blocks))


def loudest_hertz(samples: Samples) -> int:
    """Returns the strongest frequency, rounded to 10 Hz."""
    spectrum = np.abs(np.fft.rfft(samples))
    hertz = float(np.argmax(spectrum)) * SAMPLE_RATE_HERTZ / len(samples)
    return round(hertz / 10) * 10
