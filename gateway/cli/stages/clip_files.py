"""Cuts the accepted clips of prepared audio into files, for people who want to listen."""

import wave
from pathlib import Path

from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb


def cut_clips(audio: Path, clips: pb.ClipSet, folder: Path) -> int:
    """Writes each accepted clip as `<start>.wav` into `folder` and returns how many there are.

    `<start>` is the clip's first sample, so that names sort by time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    accepted = [clip for clip in clips.clips if clip.verdict == pb.VERDICT_ACCEPTED]
    with wave.open(str(audio), "rb") as source:
        for clip in accepted:
            source.setpos(clip.start_sample)
            frames = source.readframes(clip.end_sample - clip.start_sample)
            with wave.open(str(folder / f"{clip.start_sample:010}.wav"), "wb") as target:
                target.setparams(source.getparams())
                target.writeframes(frames)
    return len(accepted)
