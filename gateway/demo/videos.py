"""Makes sample videos: recorded prompts with pauses, under a moving test picture."""

import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.prompts import Prompt

SAMPLE_RATE_HERTZ = 16_000
BYTES_PER_SAMPLE = 2
GAP_SECONDS = 0.8
PICTURE = "testsrc2=size=320x240:rate=10"
SAME_BYTES = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
"""A second demo makes the same files, and so shows that nothing is computed twice."""


@dataclass(frozen=True, slots=True)
class Format:
    """A container with its codecs, as people's cameras and screen recorders make them."""

    extension: str
    video: tuple[str, ...]
    audio: tuple[str, ...]


FORMATS = (
    Format(
        "mp4", ("libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"), ("aac", "-b:a", "128k")
    ),
    Format("mkv", ("libx264", "-preset", "ultrafast"), ("libopus", "-b:a", "64k")),
    Format("mov", ("mpeg4",), ("pcm_s16le",)),
    Format("avi", ("mpeg4",), ("libmp3lame", "-b:a", "128k")),
)


def make_video(folder: Path, name: str, prompts: Sequence[Prompt], form: Format) -> Path:
    """Writes one video in which the prompts are spoken, and returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    talk = folder / f".{name}.wav"
    video = folder / f"{name}.{form.extension}"
    try:
        _write_talk(talk, prompts)
        _ffmpeg(
            *("-f", "lavfi", "-i", PICTURE, "-i", f"file:{talk}", "-shortest"),
            *("-c:v", *form.video, "-c:a", *form.audio, *SAME_BYTES, f"file:{video}"),
        )
    finally:
        talk.unlink(missing_ok=True)
    return video


def _write_talk(path: Path, prompts: Sequence[Prompt]) -> None:
    gap = bytes(round(GAP_SECONDS * SAMPLE_RATE_HERTZ) * BYTES_PER_SAMPLE)
    with wave.open(str(path), "wb") as talk:
        talk.setnchannels(1)
        talk.setsampwidth(BYTES_PER_SAMPLE)
        talk.setframerate(SAMPLE_RATE_HERTZ)
        talk.writeframes(gap)
        for prompt in prompts:
            talk.writeframes(_samples(prompt.path) + gap)


def _samples(path: Path) -> bytes:
    return _ffmpeg("-f", "g722", "-i", f"file:{path}", "-f", "s16le", "-")


def _ffmpeg(*arguments: str) -> bytes:
    command = ("ffmpeg", "-v", "error", "-y", "-nostdin", *arguments)
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
    return done.stdout
