"""Recordings for tests: real speech in the containers and codecs that people drop."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import soxr

from tests import speech

SAMPLE_RATE_HERTZ = 48_000
PICTURE = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5")

VIDEOS = {
    "mp4": ("-c:v", "libx264", "-c:a", "aac", "-b:a", "96k"),
    "m4v": ("-c:v", "libx264", "-c:a", "aac", "-b:a", "96k"),
    "mov": ("-c:v", "libx264", "-c:a", "pcm_s16le"),
    "avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame", "-b:a", "128k"),
    "mkv": ("-c:v", "libx264", "-c:a", "libopus", "-b:a", "64k"),
    "webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus", "-b:a", "64k"),
    "ts": ("-c:v", "libx264", "-c:a", "aac", "-b:a", "96k"),
    "flv": ("-c:v", "flv", "-c:a", "aac", "-b:a", "96k"),
    "wmv": ("-c:v", "wmv2", "-c:a", "wmav2", "-b:a", "128k"),
    "mpg": ("-r", "25", "-c:v", "mpeg2video", "-c:a", "mp2", "-b:a", "128k"),
    "3gp": ("-c:v", "libx264", "-c:a", "aac", "-b:a", "96k"),
}
"""Suffix -> how ffmpeg is told to encode picture and sound."""

SOUNDS = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "128k"),
    "m4a": ("-c:a", "aac", "-b:a", "96k"),
    "aac": ("-c:a", "aac", "-b:a", "96k"),
    "ogg": ("-c:a", "libvorbis", "-q:a", "5"),
    "opus": ("-c:a", "libopus", "-b:a", "64k"),
    "flac": ("-c:a", "flac"),
    "wav": ("-c:a", "pcm_s16le"),
    "aiff": ("-c:a", "pcm_s16be"),
    "wma": ("-c:a", "wmav2", "-b:a", "128k"),
    "caf": ("-c:a", "alac"),
}
"""Suffix -> how ffmpeg is told to encode sound alone."""


@cache
def spoken() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Returns a few seconds of real speech, mono, 48 kHz."""
    paths = [path for path, _ in speech.prompts(min_seconds=2.5)]
    first = min(paths, key=lambda path: (path.stat().st_size, path))
    samples = speech.talk([first], gap_seconds=0.3)
    return np.asarray(soxr.resample(samples, speech.SAMPLE_RATE_HERTZ, SAMPLE_RATE_HERTZ))


def spoken_wav(path: Path, *, subtype: str = "PCM_16") -> Path:
    """Writes the speech to `path`."""
    soundfile.write(path, spoken(), SAMPLE_RATE_HERTZ, subtype=subtype)
    return path


def record(folder: Path, suffix: str) -> Path:
    """Makes a recording of the speech with the container that the suffix names."""
    path = folder / f"recording.{suffix}"
    path.write_bytes(_recorded(suffix))
    return path


@cache
def _recorded(suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        target = Path(folder, f"recording.{suffix}")
        wav = spoken_wav(Path(folder, "spoken.wav"))
        if suffix in SOUNDS:
            return encode(target, "-i", wav, *SOUNDS[suffix]).read_bytes()
        seconds = str(len(spoken()) / SAMPLE_RATE_HERTZ)
        picture_and_sound: tuple[str | Path, ...] = (
            *PICTURE,
            "-i",
            wav,
            *VIDEOS[suffix],
            "-t",
            seconds,
        )
        return encode(target, *picture_and_sound).read_bytes()


def encode(target: Path, *arguments: str | Path) -> Path:
    """Runs ffmpeg with these inputs and options and returns `target`."""
    quiet = ("-hide_banner", "-loglevel", "error", "-nostdin", "-threads", "1", "-y")
    # Colons and quotes in a name mean something to ffmpeg; `file:` takes that away.
    command = ["ffmpeg", *quiet, *map(str, arguments), f"file:{target}"]
    subprocess.run(command, check=True, timeout=60)
    return target
