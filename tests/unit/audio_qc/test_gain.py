"""One gain brings the speech to its loudness and keeps the peaks below the ceiling."""

import math

import numpy as np
import pytest

from services.audio_qc.sound.gain import gain_decibels, speech_loudness
from services.audio_qc.sound.listening import Heard
from services.speech.regions import Region


def heard(*regions: tuple[int, int]) -> Heard:
    nothing = np.zeros(0)
    return Heard(
        [Region(start * 16_000, end * 16_000) for start, end in regions],
        nothing.astype(bool),
        nothing.astype(np.float32),
    )


def test_the_gain_reaches_the_target() -> None:
    assert gain_decibels(-30, -12, target_lufs=-20, ceiling_dbtp=-1) == 10


def test_the_ceiling_lowers_the_gain() -> None:
    assert gain_decibels(-30, -6, target_lufs=-20, ceiling_dbtp=-1) == 5


def test_loud_speech_is_turned_down() -> None:
    assert gain_decibels(-12, -0.5, target_lufs=-20, ceiling_dbtp=-1) == -8


@pytest.mark.parametrize("loudness", [-math.inf, math.nan])
def test_silence_stays_as_it_is(loudness: float) -> None:
    assert gain_decibels(loudness, -math.inf, target_lufs=-20, ceiling_dbtp=-1) == 0


def test_the_loudness_is_that_of_the_speech_not_of_the_music_between() -> None:
    quiet, loud = 10**-2.5, 10**-1.0
    energies = np.array([quiet] * 100 + [loud] * 100)  # ten seconds each
    assert speech_loudness(energies, heard((0, 10))) == pytest.approx(-25.7, abs=0.1)
    assert speech_loudness(energies, heard((0, 20))) > -15
