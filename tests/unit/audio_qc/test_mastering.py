"""Writing the prepared sound."""

import errno
from pathlib import Path

import numpy as np
import pytest

from services.audio_qc.clips import Sound
from services.audio_qc.pace import Pace
from services.audio_qc.sound.listening import Heard
from services.audio_qc.sound.mastering import written
from services.audio_qc.sound.rendering import Rendered
from services.audio_qc.sound.sound_on_disk import kept

RATE_HERTZ = 24_000


def test_a_full_disk_is_told_by_its_name(tmp_path: Path) -> None:
    samples = kept(tmp_path / "sound", [np.full(RATE_HERTZ, 0.1, np.float32)])
    heard = Heard([], np.zeros(0, np.bool_), np.zeros(0, np.float32))
    sound = Sound(Rendered(RATE_HERTZ, samples, samples), heard, 1.0, np.zeros(0, np.int64), 8000)
    full = tmp_path / "prepared.wav"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its number is what counts
        written(sound, full, Pace(lambda _: None))
    assert caught.value.errno == errno.ENOSPC
