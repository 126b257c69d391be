"""The true peak lies between the samples."""

import math

import numpy as np
import pytest

from services.audio_qc.measures.true_peak import TruePeakMeter
from tests import speech
from tests.speech import Samples


def peak_of(samples: Samples, block: int = 1000) -> float:
    meter = TruePeakMeter()
    for start in range(0, len(samples), block):
        meter.push(samples[start : start + block, None])
    return meter.dbtp


def test_a_peak_between_samples_is_found() -> None:
    # At a quarter of the sample rate, 45 degrees off, every sample is 3 dB below the peak.
    angle = np.pi / 2 * np.arange(4000) + np.pi / 4
    samples = np.sin(angle).astype(np.float32)
    assert 20 * math.log10(np.abs(samples).max()) == pytest.approx(-3.01, abs=0.01)
    # Annex 2 states that the error is below 0.6 dB here.
    assert peak_of(samples * np.hanning(4000).astype(np.float32)) == pytest.approx(0, abs=0.3)


def test_a_slow_wave_has_the_peak_of_its_samples() -> None:
    assert peak_of(speech.tone(1, hertz=50, peak=0.5)) == pytest.approx(-6.02, abs=0.02)


@pytest.mark.parametrize("block", [1, 7, 480, 16_000])
def test_the_size_of_blocks_does_not_matter(block: int) -> None:
    samples = speech.noise(0.2, rms=0.2)
    assert peak_of(samples, block) == pytest.approx(peak_of(samples, len(samples)), abs=1e-9)


def test_silence_has_no_peak() -> None:
    assert peak_of(speech.silence(0.1)) == -math.inf
