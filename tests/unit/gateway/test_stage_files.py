"""How the files of a stage are called, and how one folder's files are seen from another."""

from pathlib import Path

from gateway.cli.importing import Imported
from gateway.cli.stages.files import carried_files, planned_stems, write_sidecar
from gateway.cli.stages.sidecar import Sidecar
from ttstrainer.media.v1.media_service_pb2 import Recording


def imported(letter: str, name: str) -> Imported:
    recording = Recording(recording_id=letter * 64, display_name=name)
    return Imported(Path(name), Sidecar(recording))


def test_recordings_of_the_same_stem_get_different_names(tmp_path: Path) -> None:
    talks = [imported("a", "talk.mp4"), imported("b", "talk.mkv"), imported("c", "Talk.mov")]
    stems = planned_stems(talks, tmp_path)
    assert stems == {"a" * 64: "talk", "b" * 64: "talk-bbbbbbbb", "c" * 64: "Talk-cccccccc"}


def test_a_second_call_gives_the_same_names_and_replaces_no_other_recording(
    tmp_path: Path,
) -> None:
    first = imported("a", "talk.mp4")
    write_sidecar(tmp_path, "talk", first.sidecar)
    assert planned_stems([first], tmp_path) == {"a" * 64: "talk"}
    assert planned_stems([imported("b", "talk.mp4")], tmp_path) == {"b" * 64: "talk-bbbbbbbb"}


def test_files_of_an_earlier_stage_are_found_from_the_next_folder(tmp_path: Path) -> None:
    sidecar = Sidecar(Recording(), files={"clips": "talk.clips.json", "audio": "../audio/a.flac"})
    seen = carried_files(sidecar, tmp_path / "clips", tmp_path / "transcripts")
    assert seen == {"clips": "../clips/talk.clips.json", "audio": "../audio/a.flac"}
