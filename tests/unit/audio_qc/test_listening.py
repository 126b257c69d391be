"""Speech and levels, frame by frame."""

from pathlib import Path

import numpy as np
import pytest

from services.audio_qc.pace import Pace, unreported
from services.audio_qc.sound.listening import FRAME_SECONDS, Heard, listen
from services.audio_qc.sound.sound_on_disk import kept
from tests import speech
from tests.fakes.audio_qc import LoudIsSpeech
from tests.speech import Samples


def heard(samples: Samples, folder: Path) -> Heard:
    return listen(kept(folder / "sound", [samples]), LoudIsSpeech(), Pace(unreported))


def test_speech_is_found_where_it_is(tmp_path: Path) -> None:
    talk = np.concatenate([speech.silence(1), speech.tone(2), speech.silence(1)])
    found = heard(talk, tmp_path)
    (region,) = found.regions
    assert region.start_seconds == pytest.approx(1, abs=0.04)
    assert region.end_seconds == pytest.approx(3, abs=0.04)
    assert found.speech_seconds == pytest.approx(2, abs=0.08)
    assert found.speech.sum() * FRAME_SECONDS == pytest.approx(2, abs=0.1)


def test_each_frame_has_its_level_also_the_last_incomplete_one(tmp_path: Path) -> None:
    found = heard(np.full(16_100, 0.5, np.float32), tmp_path)
    assert len(found.powers) == 32
    assert found.powers == pytest.approx(0.25)


def test_a_region_ends_with_the_recording(tmp_path: Path) -> None:
    found = heard(speech.tone(1.01), tmp_path)
    assert found.regions[-1].end == 16_160


def test_a_moment_touches_at_least_one_frame(tmp_path: Path) -> None:
    found = heard(speech.tone(1), tmp_path)
    assert len(found.powers[found.frames_between(0.5, 0.5)]) == 1
    assert found.frames_between(-1, 0.064) == slice(0, 2)
