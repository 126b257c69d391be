"""Clips as files."""

import wave
from pathlib import Path

from gateway.cli.stages.clip_files import cut_clips
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb


def test_accepted_clips_hold_exactly_their_samples(tmp_path: Path) -> None:
    samples = bytes(number % 256 for number in range(2000))
    with wave.open(str(tmp_path / "talk.wav"), "wb") as audio:
        audio.setparams((1, 2, 24_000, 0, "NONE", ""))
        audio.writeframes(samples)
    clips = pb.ClipSet(
        clips=[
            pb.Clip(start_sample=100, end_sample=300, verdict=pb.VERDICT_ACCEPTED),
            pb.Clip(start_sample=300, end_sample=500, verdict=pb.VERDICT_REJECTED),
            pb.Clip(start_sample=500, end_sample=1000, verdict=pb.VERDICT_ACCEPTED),
        ]
    )
    assert cut_clips(tmp_path / "talk.wav", clips, tmp_path / "clips") == 2
    written = sorted((tmp_path / "clips").iterdir())
    assert [path.name for path in written] == ["0000000100.wav", "0000000500.wav"]
    with wave.open(str(written[0]), "rb") as clip:
        assert clip.getframerate() == 24_000
        assert clip.readframes(10_000) == samples[200:600]
