"""Where an exported dataset goes."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from gateway.cli.datasets.folder import check_output_folder, unpack
from gateway.cli.errors import CommandError, UsageError


def archive_of(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
    return path


def export(folder: Path, dataset_id: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps({"dataset_id": dataset_id}))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


def test_a_new_or_empty_folder_may_be_used(output: Path) -> None:
    check_output_folder(output, "ada", force=False)
    output.mkdir()
    check_output_folder(output, "ada", force=False)


def test_what_an_export_that_was_killed_left_is_nobody_elses(output: Path) -> None:
    (output / ".unpacking-x1").mkdir(parents=True)
    check_output_folder(output, "ada", force=False)


def test_an_earlier_export_of_the_dataset_may_be_replaced(output: Path) -> None:
    export(output, "ada")
    check_output_folder(output, "ada", force=False)


def test_another_dataset_is_not_replaced_without_force(output: Path) -> None:
    export(output, "bob")
    with pytest.raises(UsageError, match=r"'bob'.*--force"):
        check_output_folder(output, "ada", force=False)
    check_output_folder(output, "ada", force=True)


def test_other_files_are_not_mixed_with_a_dataset_without_force(output: Path) -> None:
    output.mkdir()
    (output / "diary.txt").touch()
    with pytest.raises(UsageError, match="other files"):
        check_output_folder(output, "ada", force=False)


def test_a_file_is_no_folder(output: Path) -> None:
    output.touch()
    with pytest.raises(UsageError, match="is a file"):
        check_output_folder(output, "ada", force=True)


def test_what_an_earlier_export_left_is_replaced_and_everything_else_stays(
    tmp_path: Path, output: Path
) -> None:
    first = archive_of(tmp_path / "1.tar", {"wavs/a.wav": "1", "metadata.csv": "1"})
    unpack(first, output)
    (output / "notes.txt").write_text("mine")
    second = archive_of(tmp_path / "2.tar", {"wavs/b.wav": "2", "dataset.json": "{}"})
    unpack(second, output)
    left = sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file())
    assert left == ["dataset.json", "notes.txt", "wavs/b.wav"]


@pytest.mark.parametrize("name", ["../escaped.txt", "wavs/../../escaped.txt"])
def test_an_archive_cannot_write_outside_the_folder(
    tmp_path: Path, output: Path, name: str
) -> None:
    hostile = archive_of(tmp_path / "x.tar", {name: "gotcha"})
    with pytest.raises(CommandError):
        unpack(hostile, output)
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_damaged_archive_leaves_the_earlier_export_as_it_is(tmp_path: Path, output: Path) -> None:
    unpack(archive_of(tmp_path / "1.tar", {"metadata.csv": "1"}), output)
    (tmp_path / "x.tar").write_bytes(b"not a tar")
    with pytest.raises(CommandError, match="damaged"):
        unpack(tmp_path / "x.tar", output)
    assert (output / "metadata.csv").read_text() == "1"
    assert sorted(path.name for path in output.iterdir()) == ["metadata.csv"]
