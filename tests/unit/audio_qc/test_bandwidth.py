"""The bandwidth is that of what was recorded, not that of the file."""

import numpy as np
import pytest
import soxr

from services.audio_qc.measures.bandwidth import SpectrumMeter
from tests import speech
from tests.speech import Samples

RATE = 48_000
FRAMES = 187
"""Six seconds: speech (pink noise, here) and pauses of one second in turn."""


def talking(rate: int) -> Samples:
    """Noise that falls by 3 dB an octave, with pauses of digital silence."""
    white = speech.noise(6, rms=1, sample_rate_hertz=rate)
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(1, np.arange(len(spectrum))))
    pink = np.fft.irfft(spectrum, len(white))
    pink *= 0.1 / np.sqrt(np.mean(np.square(pink)))
    return (pink * np.repeat(speaking(), len(pink) // FRAMES + 1)[: len(pink)]).astype(np.float32)


def speaking() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((np.arange(FRAMES) * 0.032).astype(int) % 2 == 0)


def bandwidth(samples: Samples, rate: int = RATE) -> float:
    meter = SpectrumMeter(rate)
    for start in range(0, len(samples), 10 * rate // 7):
        meter.push(samples[start : start + 10 * rate // 7], start, speaking())
    return meter.bandwidth_hertz()


def rounded(samples: Samples) -> Samples:
    """As a 16-bit file holds it."""
    return (np.rint(samples * 32768) / 32768).astype(np.float32)


@pytest.mark.parametrize(("rate", "expected"), [(8_000, 4_000), (16_000, 8_000), (22_050, 11_025)])
def test_upsampling_adds_no_bandwidth(rate: int, expected: float) -> None:
    upsampled = soxr.resample(talking(rate), rate, RATE, quality="VHQ")
    assert bandwidth(rounded(upsampled)) == pytest.approx(expected, abs=500)


def test_a_full_band_recording_has_the_bandwidth_of_its_file() -> None:
    assert bandwidth(talking(RATE)) == RATE / 2


def test_noise_that_hides_the_high_speech_is_no_narrow_channel() -> None:
    noisy = talking(RATE) + speech.noise(6, rms=0.03, sample_rate_hertz=RATE)
    assert bandwidth(rounded(noisy)) > 20_000


def test_a_noisy_telephone_is_still_a_telephone() -> None:
    noisy = talking(8_000) + speech.noise(6, rms=0.003, sample_rate_hertz=8_000)
    upsampled = soxr.resample(noisy.astype(np.float32), 8_000, RATE, quality="VHQ")
    assert bandwidth(rounded(upsampled)) == pytest.approx(4_000, abs=500)


def test_without_speech_there_is_no_bandwidth() -> None:
    meter = SpectrumMeter(RATE)
    meter.push(speech.noise(1, sample_rate_hertz=RATE), 0, np.zeros(31, bool))
    assert meter.bandwidth_hertz() == 0
