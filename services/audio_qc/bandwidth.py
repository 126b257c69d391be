"""The effective bandwidth: up to which frequency speech was really recorded."""

import math

import numpy as np
from numpy.typing import NDArray

WINDOW_SECONDS = 0.032
BAND_HERTZ = 250.0
NOISE_MARGIN_DECIBELS = 6.0
"""Speech counts where it raises the spectrum this far above what is there without speech."""
DYNAMIC_RANGE_DECIBELS = 60.0
"""What lies further below the strongest band is rounding, leakage or a codec's residue."""

Samples = NDArray[np.float32]
Spectrum = NDArray[np.float64]
Mask = NDArray[np.bool_]


class SpectrumMeter:
    """Keeps the mean power spectrum of the frames with speech, and of those without."""

    def __init__(self, sample_rate_hertz: int) -> None:
        """Starts a mono recording."""
        self.sample_rate_hertz = sample_rate_hertz
        self.window_samples = round(WINDOW_SECONDS * sample_rate_hertz)
        self._window = np.blackman(self.window_samples)
        bins = self.window_samples // 2 + 1
        self._sums = np.zeros((2, bins))
        self._counts = np.zeros(2)

    def push(self, samples: Samples, starts_at_sample: int, speech: Mask) -> None:
        """Takes the next mono samples; `speech` says for each 32 ms of the recording what it is."""
        step = WINDOW_SECONDS * self.sample_rate_hertz
        first = math.ceil(starts_at_sample / step)
        last = int((starts_at_sample + len(samples) - self.window_samples) // step)
        frames = np.arange(first, min(last + 1, len(speech)))
        if len(frames) == 0:
            return
        starts = np.ceil(frames * step).astype(np.int64) - starts_at_sample
        starts = np.minimum(starts, len(samples) - self.window_samples)
        windows = samples[starts[:, None] + np.arange(self.window_samples)] * self._window
        powers = np.square(np.abs(np.fft.rfft(windows, axis=1)))
        for index, chosen in enumerate((~speech[frames], speech[frames])):
            self._sums[index] += powers[chosen].sum(axis=0)
            self._counts[index] += chosen.sum()

    def bandwidth_hertz(self) -> float:
        """Returns the effective bandwidth of the speech; zero without speech."""
        if self._counts[1] == 0:
            return 0.0
        means = self._sums / np.maximum(1, self._counts)[:, None]
        return effective_bandwidth(means[1], means[0], self.sample_rate_hertz)


def effective_bandwidth(speech: Spectrum, other: Spectrum, sample_rate_hertz: int) -> float:
    """Returns the upper edge, in hertz, of the highest band in which speech is found.

    `speech` and `other` are mean power spectra up to half the sample rate, with and without
    speech. In bands of 250 Hz, speech is found where its power is 6 dB above that of the noise
    and within 60 dB of the strongest band: a roll-off against the noise floor, rather than against
    the total power, since a long-term speech spectrum falls by some 50 dB until 10 kHz (D. Byrne
    et al., "An international comparison of long-term average speech spectra", JASA 96, 1994).
    """
    nyquist = sample_rate_hertz / 2
    edges = np.arange(0, nyquist + BAND_HERTZ / 2, BAND_HERTZ)
    band = (np.linspace(0, nyquist, len(speech)) // BAND_HERTZ).astype(int)
    counts = np.maximum(1, np.bincount(band, minlength=len(edges)))
    speech_bands = np.bincount(band, speech, len(edges)) / counts
    other_bands = np.bincount(band, other, len(edges)) / counts
    needed = np.maximum(
        other_bands * 10 ** (NOISE_MARGIN_DECIBELS / 10),
        speech_bands.max() * 10 ** (-DYNAMIC_RANGE_DECIBELS / 10),
    )
    found = np.flatnonzero(speech_bands > needed)
    return float(min(nyquist, edges[found[-1]] + BAND_HERTZ)) if len(found) else 0.0
