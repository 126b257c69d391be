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
NOISE_RANGE_DECIBELS = 30.0
NOISE_FLOOR_DBFS = -85.0
"""Noise below this may be the rounding of 16 bit, which no channel has passed."""
SPEECH_BAND_HERTZ = (300.0, 3400.0)

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
        means /= np.square(self._window).sum()
        return effective_bandwidth(means[1], means[0], self.sample_rate_hertz)


def effective_bandwidth(speech: Spectrum, other: Spectrum, sample_rate_hertz: int) -> float:
    """Returns the upper edge, in hertz, of the highest band that the channel passed.

    `speech` and `other` are mean power spectra up to half the sample rate, with and without
    speech, scaled so that white noise of mean square p is p in every bin. In bands of 250 Hz, a
    band was passed when speech is found in it: 6 dB above the noise and within 60 dB of the
    strongest band (a roll-off against the noise floor rather than against the total power, since a
    long-term speech spectrum falls by some 50 dB until 10 kHz: D. Byrne et al., "An international
    comparison of long-term average speech spectra", JASA 96, 1994). Where noise hides the speech,
    noise that continues at the level it has among the speech tells the same of the channel.
    """
    nyquist = sample_rate_hertz / 2
    speech_bands, other_bands = (_banded(spectrum, nyquist) for spectrum in (speech, other))
    spoken = (speech_bands > other_bands * _power(NOISE_MARGIN_DECIBELS)) & (
        speech_bands > speech_bands.max() * _power(-DYNAMIC_RANGE_DECIBELS)
    )
    among = slice(*(int(edge // BAND_HERTZ) for edge in SPEECH_BAND_HERTZ))
    noise = float(np.median(other_bands[among])) * _power(-NOISE_RANGE_DECIBELS)
    noisy = other_bands > max(noise, _power(NOISE_FLOOR_DBFS))
    found = np.flatnonzero(spoken | noisy)
    return float(min(nyquist, (found[-1] + 1) * BAND_HERTZ)) if len(found) else 0.0


def _banded(spectrum: Spectrum, nyquist: float) -> Spectrum:
    band = (np.linspace(0, nyquist, len(spectrum)) // BAND_HERTZ).astype(int)
    count = math.ceil(nyquist / BAND_HERTZ) + 1
    total = np.bincount(band, spectrum, count)
    return np.asarray(total / np.maximum(1, np.bincount(band, minlength=count)))


def _power(decibels: float) -> float:
    return float(10 ** (decibels / 10))
