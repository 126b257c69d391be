"""The gain of a recording: one linear factor that brings its speech to the wanted loudness."""

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.sound.listening import Heard
from services.speech.loudness import STEP_SECONDS, STEPS_PER_BLOCK, integrated_lufs

MAX_GAIN_DECIBELS = 60.0


def speech_loudness(block_energies: NDArray[np.float64], heard: Heard) -> float:
    """Returns the loudness of the 400 ms blocks whose middle is speech, in LUFS (BS.1770 gates)."""
    middle = STEP_SECONDS * STEPS_PER_BLOCK / 2
    times = np.arange(len(block_energies)) * STEP_SECONDS + middle
    starts = np.array([region.start_seconds for region in heard.regions])
    ends = np.array([region.end_seconds for region in heard.regions])
    if len(starts) == 0:
        return integrated_lufs(block_energies)
    inside = np.searchsorted(starts, times, "right") > np.searchsorted(ends, times, "right")
    return integrated_lufs(block_energies[inside])


def gain_decibels(
    loudness_lufs: float, true_peak_dbtp: float, *, target_lufs: float, ceiling_dbtp: float
) -> float:
    """Returns the gain to the target, lowered so that the true peak stays below the ceiling."""
    if not np.isfinite(loudness_lufs) or not np.isfinite(true_peak_dbtp):
        return 0.0
    wanted = min(target_lufs - loudness_lufs, MAX_GAIN_DECIBELS)
    return min(wanted, ceiling_dbtp - true_peak_dbtp)
