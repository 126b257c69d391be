"""Transcripts that people have made."""

from pathlib import Path

from gateway.cli.stages.sidecar import Sidecar, save_sidecar
from gateway.cli.stages.subtitles import subtitles_beside
from ttstrainer.media.v1.media_service_pb2 import Recording


def test_the_file_with_the_same_stem_is_the_recordings_transcript(tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").touch()
    assert subtitles_beside(tmp_path / "talk.mp4") == tmp_path / "talk.vtt"
    (tmp_path / "talk.srt").touch()
    assert subtitles_beside(tmp_path / "talk.mp4") == tmp_path / "talk.srt"
    assert subtitles_beside(tmp_path / "other.mp4") is None


def test_subtitles_that_we_wrote_ourselves_are_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "talk.srt").touch()
    ours = Sidecar(Recording(recording_id="a"), files={"subtitles": "talk.srt"})
    save_sidecar(tmp_path / "talk.json", ours, tool_version="1")
    assert subtitles_beside(tmp_path / "talk.mp4") is None
