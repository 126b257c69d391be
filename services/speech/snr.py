"""The signal-to-noise ratio: the level of speech above what is heard when nobody speaks."""

import math

import numpy as np
from numpy.typing import NDArray

DIGITAL_SILENCE_DBFS = -90.0
"""Below this there is no noise floor but an edit or a gate."""
MIN_NOISE_FRAMES = 8
"""A quarter of a second, at 32 ms a frame."""
QUIET_PERCENTILE = 5.0
MAX_SNR_DECIBELS = 100.0

Powers = NDArray[np.float32]
Mask = NDArray[np.bool_]


def noise_power(powers: Powers, speech: Mask) -> float:
    """Returns the mean square of the noise, given that of each frame and which hold speech.

    It is the median over the frames without speech; those next to speech are left out (its
    decay), as is digital silence, which says nothing about the noise beneath speech. Where too
    few remain it is the 5th percentile over all frames, an upper bound: the quietest moments of
    speech (minimum statistics, R. Martin, IEEE Trans. SAP 9(5), 2001).
    """
    near = speech.copy()
    near[1:] |= speech[:-1]
    near[:-1] |= speech[1:]
    audible = powers > power_of(DIGITAL_SILENCE_DBFS)
    quiet = powers[~near & audible]
    if len(quiet) >= MIN_NOISE_FRAMES:
        return float(np.median(quiet))
    return float(np.percentile(powers[audible], QUIET_PERCENTILE)) if audible.any() else 0.0


def snr_decibels(powers: Powers, speech: Mask, noise: float) -> float:
    """Returns 10 log10((S - N) / N): S the mean power of the speech frames, N the noise's.

    S contains the noise too, hence the difference (as in the segmental SNR of P. Loizou, "Speech
    Enhancement", 2013, section 11.1). At most 100 dB; -100 dB without speech above the noise.
    """
    if not speech.any():
        return -MAX_SNR_DECIBELS
    signal = float(np.mean(powers[speech], dtype=np.float64)) - noise
    if signal <= 0:
        return -MAX_SNR_DECIBELS
    if noise <= 0:
        return MAX_SNR_DECIBELS
    return min(MAX_SNR_DECIBELS, max(-MAX_SNR_DECIBELS, 10 * math.log10(signal / noise)))


def power_of(dbfs: float) -> float:
    """Returns the mean square of a level in dBFS (a full-scale square wave has 0)."""
    return float(10 ** (dbfs / 10))


def dbfs_of(power: float) -> float:
    """Returns the level in dBFS of a mean square; at least -120."""
    return 10 * math.log10(max(power, 1e-12))
