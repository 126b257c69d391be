"""Finds words that are cut by the edge of their clip."""

import numpy as np

from services.transcription.recognition import SAMPLE_RATE_HERTZ, Recognition, Samples

FRAME_SECONDS = 0.02
SPEECH_PERCENTILE = 90.0
FLOOR_PERCENTILE = 10.0
ABOVE_FLOOR_DECIBELS = 10.0
"""An edge that is not this much louder than the quiet of the clip is background, not speech."""
FLOOR_DECIBELS = -120.0


def cut_edge_level(
    samples: Samples, heard: Recognition, *, start_seconds: float, closeness_seconds: float
) -> float | None:
    """Returns the level at an edge that a word touches, in dB relative to the clip's speech.

    A word touches an edge when its recognised time comes closer than `closeness_seconds`. The
    level is the RMS of the outermost 20 ms; that of speech is the 90th percentile of the RMS of
    all 20 ms frames, that of the background the 10th. Returns the louder edge, and None when no
    word touches one that stands out of the background.
    """
    levels = frame_levels(samples)
    words = heard.words
    if not words or not len(levels):
        return None
    duration = len(samples) / SAMPLE_RATE_HERTZ
    floor, speech = np.percentile(levels, [FLOOR_PERCENTILE, SPEECH_PERCENTILE])
    touched = []
    if words[0].start_seconds - start_seconds < closeness_seconds:
        touched.append(levels[0])
    if start_seconds + duration - words[-1].end_seconds < closeness_seconds:
        touched.append(levels[-1])
    loud = [float(level - speech) for level in touched if level > floor + ABOVE_FLOOR_DECIBELS]
    return max(loud, default=None)


def frame_levels(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Returns the RMS of each 20 ms in dBFS; the last frame ends with the samples."""
    width = int(FRAME_SECONDS * SAMPLE_RATE_HERTZ)
    count = len(samples) // width
    if count == 0:
        return np.zeros(0)
    frames = samples[len(samples) - count * width :].astype(np.float64).reshape(count, width)
    power = np.maximum(np.square(frames).mean(axis=1), 10 ** (FLOOR_DECIBELS / 10))
    levels: np.ndarray[tuple[int], np.dtype[np.float64]] = 10 * np.log10(power)
    return levels
