"""Stretches of speech, from the probability of speech in each frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HERTZ = 16_000
FRAME_SAMPLES = 512
"""One probability is given per frame of 32 ms."""


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of speech, in samples at 16 kHz: `start` is in it, `end` is one past it."""

    start: int
    end: int

    @property
    def start_seconds(self) -> float:
        """When it begins."""
        return self.start / SAMPLE_RATE_HERTZ

    @property
    def end_seconds(self) -> float:
        """When it ends."""
        return self.end / SAMPLE_RATE_HERTZ


def speech_regions(
    probabilities: Sequence[float] | NDArray[np.float32],
    *,
    onset: float = 0.5,
    offset: float = 0.35,
    min_speech_seconds: float = 0.1,
    min_silence_seconds: float = 0.1,
) -> list[Region]:
    """Turns probabilities per frame into regions of speech, in order, apart from each other.

    Speech starts where the probability reaches `onset` and ends where it stays below `offset` for
    `min_silence_seconds` (the hysteresis of silero-vad's own `get_speech_timestamps`, which uses
    the same values). Regions shorter than `min_speech_seconds` are dropped.
    """
    min_speech = min_speech_seconds * SAMPLE_RATE_HERTZ
    min_silence = min_silence_seconds * SAMPLE_RATE_HERTZ
    regions: list[Region] = []
    start, quiet = -1, -1
    for index, probability in enumerate([*probabilities, *_ending(min_silence)]):
        now = index * FRAME_SAMPLES
        if probability >= onset:
            start = now if start < 0 else start
            quiet = -1
        elif start >= 0 and probability < offset:
            quiet = now if quiet < 0 else quiet
            if now + FRAME_SAMPLES - quiet >= min_silence:
                if quiet - start >= min_speech:
                    regions.append(Region(start, quiet))
                start = quiet = -1
    return regions


def _ending(min_silence: float) -> list[float]:
    return [0.0] * (int(min_silence // FRAME_SAMPLES) + 1)
