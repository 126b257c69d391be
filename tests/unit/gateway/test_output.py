"""Whether output may go where it shall go, before work is done for it."""

from pathlib import Path

import pytest

from gateway.cli.errors import UsageError
from gateway.cli.output import check_file, check_folder

READ_ONLY = Path("/proc")
"""Nobody makes files here, not even root."""


def test_a_folder_that_is_there_or_can_be_made_is_fine(tmp_path: Path) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "not" / "yet")


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(UsageError, match=f"{file} is a file: name another folder"):
            check_folder(folder)


def test_a_folder_that_may_not_be_written_to_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Nothing can be written to /proc \("):
        check_folder(READ_ONLY / "dataset")


def test_a_file_needs_a_folder_that_is_there(tmp_path: Path) -> None:
    check_file(tmp_path / "out.wav")
    with pytest.raises(UsageError, match=r"There is no folder .*gone: make it"):
        check_file(tmp_path / "gone" / "out.wav")


def test_a_file_takes_the_place_of_no_folder_and_no_device(tmp_path: Path) -> None:
    for place in (tmp_path, Path("/dev/null")):
        with pytest.raises(UsageError, match=f"{place} is no ordinary file: name another"):
            check_file(place)
    (tmp_path / "out.wav").touch()
    check_file(tmp_path / "out.wav")


def test_a_file_in_a_folder_that_may_not_be_written_to_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Nothing can be written to /proc \("):
        check_file(READ_ONLY / "out.wav")
