"""The JSON file beside what a stage wrote."""

from pathlib import Path

import pytest

from gateway.cli.stages.sidecar import Sidecar, load_sidecar, save_sidecar
from ttstrainer.media.v1.media_service_pb2 import ExtractedAudio, MediaInfo, Recording


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = Sidecar(
        Recording(recording_id="a" * 64, display_name="ünï\n.mp4", size_bytes=1 << 40),
        media=MediaInfo(duration_seconds=12.5),
        extracted=ExtractedAudio(audio_uri="artifact://blobs/" + "b" * 64, sample_count=7),
        files={"extracted_audio": "bad\udcff.flac"},
    )
    save_sidecar(tmp_path / "x.json", saved, tool_version="1.2")
    assert load_sidecar(tmp_path / "x.json") == saved


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": "other"}', '{"format": "tts-trainer.sidecar.v1"}', "\0"]
)
def test_other_json_is_none_of_ours(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    assert load_sidecar(tmp_path / "x.json") is None


def test_a_sidecar_of_a_newer_version_is_still_read(tmp_path: Path) -> None:
    save_sidecar(tmp_path / "x.json", Sidecar(Recording(recording_id="a")), tool_version="1")
    text = (tmp_path / "x.json").read_text()
    newer = text.replace('"recording_id"', '"colour": "red", "recording_id"', 1)
    (tmp_path / "x.json").write_text(newer)
    loaded = load_sidecar(tmp_path / "x.json")
    assert loaded is not None
    assert loaded.recording.recording_id == "a"


def test_a_container_that_promises_no_duration_has_that_of_its_audio() -> None:
    sidecar = Sidecar(Recording(), media=MediaInfo())
    assert sidecar.duration_seconds == 0
    sidecar.extracted = ExtractedAudio(sample_rate_hertz=8000, sample_count=16_000)
    assert sidecar.duration_seconds == 2
