"""Temporary files go with their process."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.chassis.errors import UnavailableError
from services.chassis.process.scratch import scratch_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from services.chassis.process.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1]), "media") as folder:
    (folder / "audio.wav").write_bytes(b"RIFF")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_folder_is_empty_private_and_gone_afterwards(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "new", "media") as folder:
        (folder / "audio.wav").write_bytes(b"RIFF")
        assert folder.stat().st_mode & 0o777 == 0o700

    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_killed_process_left_behind_is_removed_and_what_others_use_is_not(
    tmp_path: Path,
) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    (tmp_path / "media-of-somebody").mkdir()
    with (
        scratch_folder(tmp_path, "dataset") as sibling,
        scratch_folder(tmp_path, "media") as first,
        scratch_folder(tmp_path, "media") as second,
    ):
        assert not left.exists()
        assert sibling.exists()
        assert first.exists()
        assert first != second
        assert (tmp_path / "media-of-somebody").exists()


def test_a_disk_that_refuses_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UnavailableError, match="TTSTRAINER_SCRATCH_DIR"),
        scratch_folder(tmp_path / "file" / "scratch", "media"),
    ):
        pass


def test_processes_that_start_together_do_not_trip_over_what_was_left_behind(
    tmp_path: Path,
) -> None:
    for number in range(300):
        left = tmp_path / f"media-{number}"
        left.mkdir()
        (left / ".lock").touch()

    def start(_: int) -> bool:
        with scratch_folder(tmp_path, "media") as folder:
            return folder.is_dir()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(start, range(8)))
    assert list(tmp_path.iterdir()) == []
