"""Where audio is cut for the recogniser: at pauses, in pieces it can hear at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.speech.regions import FRAME_SAMPLES, SAMPLE_RATE_HERTZ, speech_regions
from services.transcription.recognition import Samples

FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE_HERTZ
MAX_PAUSE_SECONDS = 1.0
"""A longer pause ends a cut."""
PADDING_SECONDS = 0.2
"""How much of the pauses around it a cut keeps."""
QUIET_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of audio that is transcribed in one piece."""

    clip_id: str
    start_seconds: float
    end_seconds: float

    @property
    def duration_seconds(self) -> float:
        """How long it plays."""
        return self.end_seconds - self.start_seconds


def speech_cuts(
    probabilities: Sequence[float] | NDArray[np.float32],
    *,
    duration_seconds: float,
    max_seconds: float,
) -> list[tuple[float, float]]:
    """Returns (start, end) in seconds of the speech in a recording, no piece longer than asked.

    `probabilities` are those of speech per frame of 32 ms. Speech that goes on for longer is cut
    where it is least probable. Pieces are in order and do not overlap.
    """
    frames = np.asarray(probabilities, np.float32)
    spans: list[tuple[float, float]] = []
    for region in speech_regions(frames):
        spans += _bounded(
            frames, region.start_seconds, region.end_seconds, max_seconds - 2 * PADDING_SECONDS
        )
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and _belong_together(merged[-1], (start, end), max_seconds):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return _padded(merged, duration_seconds)


def pieces(samples: Samples, max_seconds: float) -> list[tuple[float, Samples]]:
    """Splits a clip into (offset in seconds, samples), none longer than `max_seconds`.

    It is cut at its quietest 20 ms in the second half of what still fits.
    """
    longest = int(max_seconds * SAMPLE_RATE_HERTZ)
    found: list[tuple[float, Samples]] = []
    start = 0
    while len(samples) - start > longest:
        window = samples[start + longest // 2 : start + longest]
        end = start + longest // 2 + _quietest(window)
        found.append((start / SAMPLE_RATE_HERTZ, samples[start:end]))
        start = end
    return [*found, (start / SAMPLE_RATE_HERTZ, samples[start:])]


def _bounded(
    frames: NDArray[np.float32], start: float, end: float, longest: float
) -> list[tuple[float, float]]:
    found = []
    while end - start > longest:
        first = round((start + longest / 2) / FRAME_SECONDS)
        last = int((start + longest) / FRAME_SECONDS)
        cut = (first + int(np.argmin(frames[first:last]))) * FRAME_SECONDS
        found.append((start, cut))
        start = cut
    return [*found, (start, end)]


def _belong_together(
    left: tuple[float, float], right: tuple[float, float], max_seconds: float
) -> bool:
    fits = right[1] - left[0] + 2 * PADDING_SECONDS <= max_seconds
    return fits and right[0] - left[1] <= MAX_PAUSE_SECONDS


def _padded(spans: list[tuple[float, float]], duration: float) -> list[tuple[float, float]]:
    padded = []
    for index, (start, end) in enumerate(spans):
        before = start - spans[index - 1][1] if index else 2 * start
        after = spans[index + 1][0] - end if index + 1 < len(spans) else 2 * (duration - end)
        padded.append(
            (
                max(0.0, start - min(PADDING_SECONDS, before / 2)),
                min(duration, end + min(PADDING_SECONDS, max(after, 0.0) / 2)),
            )
        )
    return padded


def _quietest(window: Samples) -> int:
    width = int(QUIET_SECONDS * SAMPLE_RATE_HERTZ)
    count = len(window) // width
    energies = np.square(window[: count * width], dtype=np.float64).reshape(count, width).sum(1)
    return int(np.argmin(energies)) * width + width // 2
