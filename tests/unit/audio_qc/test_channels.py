"""Stereo becomes mono without losing the speech in it."""

import numpy as np
import pytest

from services.audio_qc.sound.channels import ChannelStatistics, Downmix, choose_downmix
from tests import speech
from tests.speech import Samples


def downmix_of(*channels: Samples) -> tuple[Downmix, Samples]:
    block = np.stack(channels, axis=1)
    statistics = ChannelStatistics(len(channels))
    for start in range(0, len(block), 1000):
        statistics.push(block[start : start + 1000])
    return choose_downmix(statistics), block


def test_channels_that_carry_sound_are_averaged() -> None:
    left, right = speech.noise(1, seed=1), speech.noise(1, seed=2)
    downmix, block = downmix_of(left, right)
    assert downmix(block) == pytest.approx((left + right) / 2, abs=1e-3)


def test_a_silent_channel_does_not_halve_the_other() -> None:
    voice = speech.tone(1)
    downmix, block = downmix_of(voice, speech.silence(1))
    assert downmix(block) == pytest.approx(voice, abs=1e-6)


def test_channels_out_of_phase_do_not_cancel() -> None:
    voice = speech.tone(1)
    downmix, block = downmix_of(voice, -voice)
    assert speech.rms(downmix(block)) == pytest.approx(speech.rms(voice))


def test_of_channels_out_of_phase_the_louder_one_is_taken() -> None:
    voice = speech.tone(1)
    downmix, block = downmix_of(-0.8 * voice, voice)
    assert downmix(block) == pytest.approx(voice, abs=1e-6)


def test_the_offset_of_each_channel_is_removed() -> None:
    downmix, block = downmix_of(speech.tone(1) + 0.1, speech.tone(1) - 0.3)
    assert float(downmix(block).mean()) == pytest.approx(0, abs=1e-6)


def test_silence_stays_silence() -> None:
    downmix, block = downmix_of(speech.silence(1), speech.silence(1))
    assert not downmix(block).any()
