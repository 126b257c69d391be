"""What --input means."""

from pathlib import Path

import pytest

from gateway.cli.errors import UsageError
from gateway.cli.inputs import Input, find_inputs
from gateway.cli.stages.sidecar import Sidecar, save_sidecar
from ttstrainer.media.v1.media_service_pb2 import Recording


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(*paths: Path) -> list[str]:
    return [each.path.name for each in find_inputs(paths)]


def test_a_folder_is_searched_with_all_that_is_in_it_in_the_order_of_names(tmp_path: Path) -> None:
    touch(tmp_path / "b.mp4", tmp_path / "a.MKV", tmp_path / "deep" / "c.wav")
    assert found(tmp_path) == ["a.MKV", "b.mp4", "c.wav"]


def test_hidden_and_foreign_files_are_left_alone(tmp_path: Path) -> None:
    touch(tmp_path / ".hidden.mp4", tmp_path / ".git" / "x.mp4", tmp_path / "notes.txt")
    touch(tmp_path / "talk.mp4", tmp_path / "package.json")
    assert found(tmp_path) == ["talk.mp4"]


def test_a_file_that_is_named_is_taken_whatever_its_extension(tmp_path: Path) -> None:
    touch(tmp_path / "recording.bin")
    assert found(tmp_path / "recording.bin") == ["recording.bin"]


def test_a_file_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    touch(tmp_path / "talk.mp4")
    assert found(tmp_path, tmp_path / "talk.mp4") == ["talk.mp4"]


def test_a_path_that_does_not_exist_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file or folder .*nowhere"):
        find_inputs([tmp_path / "nowhere"])


def test_a_folder_without_recordings_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name a file itself"):
        find_inputs([tmp_path])


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="--input"):
        find_inputs([])


def test_names_with_any_characters_are_found(tmp_path: Path) -> None:
    names = sorted(['it\'s "quoted".mp4', "line\nbreak.mp4", "ünïcödé 你好.mp4", "-dash.mp4"])
    touch(*(tmp_path / name for name in names))
    assert found(tmp_path) == names


@pytest.fixture
def stage_folder(tmp_path: Path) -> Path:
    touch(tmp_path / "talk.flac", tmp_path / "other.wav")
    sidecar = Sidecar(Recording(recording_id="a" * 64, display_name="talk.mp4"))
    sidecar.files = {"extracted_audio": "talk.flac"}
    save_sidecar(tmp_path / "talk.json", sidecar, tool_version="1")
    return tmp_path


def test_the_output_of_a_stage_is_one_input_with_what_is_known_of_it(stage_folder: Path) -> None:
    inputs = find_inputs([stage_folder])
    assert [each.path.name for each in inputs] == ["other.wav", "talk.json"]
    assert inputs[1].sidecar is not None
    assert inputs[1].display_name == "talk.mp4"


def test_a_file_of_a_stage_that_is_named_itself_brings_its_sidecar(stage_folder: Path) -> None:
    (only,) = find_inputs([stage_folder / "talk.flac"])
    assert only.sidecar is not None


def test_json_that_we_did_not_write_is_refused_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(UsageError, match="not written by tts-trainer"):
        find_inputs([tmp_path / "package.json"])


def test_what_was_made_from_a_recording_is_no_recording_itself(stage_folder: Path) -> None:
    touch(stage_folder / "talk" / "0001.wav", stage_folder / "more" / "b.wav")
    sidecar = Sidecar(Recording(recording_id="a" * 64))
    sidecar.files = {"prepared_audio": "talk.flac", "clip_files": "talk"}
    save_sidecar(stage_folder / "talk.json", sidecar, tool_version="1")
    assert found(stage_folder) == ["other.wav", "talk.json", "b.wav"]


def test_a_name_that_is_no_text_is_called_as_the_services_call_it() -> None:
    assert Input(Path("talk \udcff.wav")).display_name == "talk \ufffd.wav"
