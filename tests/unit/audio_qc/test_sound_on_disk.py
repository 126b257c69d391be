"""Sound that lies on disk is read in pieces."""

from pathlib import Path

import numpy as np
import pytest

from services.audio_qc.sound.sound_on_disk import SoundOnDisk, kept
from tests import speech


@pytest.fixture
def sound(tmp_path: Path) -> SoundOnDisk:
    samples = np.arange(1_000, dtype=np.float32)
    return kept(tmp_path / "sound", [samples[:300], samples[300:301], samples[301:]])


def test_what_came_in_blocks_is_read_in_pieces(sound: SoundOnDisk) -> None:
    assert len(sound) == 1_000
    assert np.array_equal(sound.read(299, 303), [299, 300, 301, 302])


@pytest.mark.parametrize(
    ("start", "end", "count"), [(-5, 2, 2), (990, 2_000, 10), (1_000, 1_010, 0), (5, 5, 0)]
)
def test_there_is_nothing_before_the_start_and_after_the_end(
    sound: SoundOnDisk, start: int, end: int, count: int
) -> None:
    assert len(sound.read(start, end)) == count


def test_an_empty_recording_has_no_samples(tmp_path: Path) -> None:
    sound = kept(tmp_path / "sound", [speech.silence(0)])
    assert len(sound) == 0
    assert len(sound.read(0, 10)) == 0
