"""Loudness is that of the standard, however the recording comes in."""

import math

import numpy as np
import pyloudnorm
import pytest

from services.speech.loudness import LoudnessMeter, integrated_lufs
from tests import speech
from tests.speech import Samples


def loudness(samples: Samples, rate: int, block: int = 4_321) -> float:
    meter = LoudnessMeter(rate, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.push(samples[start : start + block])
    return integrated_lufs(meter.block_energies())


def stereo_tone(seconds: float, dbfs: float, rate: int = 48_000) -> Samples:
    tone = speech.tone(seconds, hertz=1000, peak=10 ** (dbfs / 20), sample_rate_hertz=rate)
    return np.stack([tone, tone], axis=1)


@pytest.mark.parametrize("dbfs", [-23.0, -33.0])
def test_a_stereo_tone_has_its_level_as_loudness(dbfs: float) -> None:
    # EBU Tech 3341, test cases 1 and 2.
    assert loudness(stereo_tone(20, dbfs), 48_000) == pytest.approx(dbfs, abs=0.1)


def test_quiet_passages_do_not_count() -> None:
    # EBU Tech 3341, test case 3: 10 s at -36, 60 s at -23, 10 s at -36.
    parts = [stereo_tone(10, -36), stereo_tone(60, -23), stereo_tone(10, -36)]
    assert loudness(np.concatenate(parts), 48_000) == pytest.approx(-23, abs=0.1)


def test_very_quiet_passages_do_not_count_either() -> None:
    # EBU Tech 3341, test case 4, with the gate at -70 LUFS.
    levels = [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)]
    parts = [stereo_tone(seconds, dbfs) for dbfs, seconds in levels]
    assert loudness(np.concatenate(parts), 48_000) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_it_agrees_with_pyloudnorm(rate: int) -> None:
    samples = speech.noise(6, sample_rate_hertz=rate).reshape(-1, 2)
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    expected = meter.integrated_loudness(samples.astype(np.float64))
    assert loudness(samples, rate) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("block", [1_000, 48_000])
def test_the_size_of_blocks_does_not_matter(block: int) -> None:
    samples = speech.noise(3)[:, None]
    assert loudness(samples, 16_000, block) == pytest.approx(loudness(samples, 16_000))


def test_silence_has_no_loudness() -> None:
    assert loudness(speech.silence(3)[:, None], 16_000) == -math.inf


def test_less_than_a_block_has_no_loudness() -> None:
    assert loudness(speech.tone(0.3)[:, None], 16_000) == -math.inf
