"""The signal-to-noise ratio is that of the levels we mix."""

import numpy as np
import pytest

from services.speech.snr import MAX_SNR_DECIBELS, noise_power, power_of, snr_decibels

SPEECH = np.array(([False] * 20 + [True] * 30) * 4)


def powers(speech_dbfs: float, noise_dbfs: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    noise = power_of(noise_dbfs)
    return np.where(SPEECH, power_of(speech_dbfs) + noise, noise).astype(np.float32)


@pytest.mark.parametrize("ratio", [5.0, 20.0, 40.0])
def test_the_ratio_is_the_one_that_was_mixed(ratio: float) -> None:
    mixed = powers(-20, -20 - ratio)
    found = snr_decibels(mixed, SPEECH, noise_power(mixed, SPEECH))
    assert found == pytest.approx(ratio, abs=0.1)


def test_a_door_that_slams_in_a_pause_is_no_noise_floor() -> None:
    mixed = powers(-20, -60)
    mixed[5] = 1.0
    assert 10 * np.log10(noise_power(mixed, SPEECH)) == pytest.approx(-60, abs=0.1)


def test_pauses_cut_to_digital_silence_do_not_hide_noise_beneath_speech() -> None:
    mixed = powers(-20, -30)
    mixed[~SPEECH] = 0
    mixed[20:24] = power_of(-30)  # closures of plosives: the noise shows through
    mixed[120:124] = power_of(-30)
    assert snr_decibels(mixed, SPEECH, noise_power(mixed, SPEECH)) < 20


def test_without_speech_there_is_no_signal() -> None:
    silent = np.zeros(200, bool)
    mixed = powers(-20, -40)
    assert snr_decibels(mixed, silent, noise_power(mixed, silent)) == -MAX_SNR_DECIBELS


def test_without_any_sound_the_ratio_is_finite() -> None:
    nothing = np.zeros(200, np.float32)
    assert snr_decibels(nothing, SPEECH, noise_power(nothing, SPEECH)) == -MAX_SNR_DECIBELS
