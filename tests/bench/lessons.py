"""Videos to measure with: recorded speech of a chosen length under a picture of 720p."""

import random
import subprocess
from pathlib import Path

from tests import speech

PICTURE_SECONDS = 10
PICTURE_BITS_PER_SECOND = "2500k"
GAP_SECONDS = 0.8


def record_lessons(folder: Path, *, count: int, seconds: float, seed: int) -> list[Path]:
    """Makes `count` mp4 files of at least `seconds` each: H.264 720p25, AAC 48 kHz stereo.

    The sentences are those of one speaker in another order in each file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = _picture(folder / ".picture.mp4")
    prompts = [path for path, _ in speech.prompts("en", min_seconds=2.0)]
    dice = random.Random(seed)  # noqa: S311 - a choice, not a secret
    return [
        _record(folder / f"lesson-{seed}-{number}.mp4", picture, _talk(prompts, seconds, dice))
        for number in range(count)
    ]


def _talk(prompts: list[Path], seconds: float, dice: random.Random) -> speech.Samples:
    chosen: list[Path] = []
    length = 0.0
    while length < seconds:
        path = dice.choice(prompts)
        chosen.append(path)
        length += path.stat().st_size / speech.G722_BYTES_PER_SECOND + GAP_SECONDS
    return speech.talk(chosen, gap_seconds=GAP_SECONDS)


def _picture(path: Path) -> Path:
    """A noisy picture keeps its bitrate; it is encoded once and repeated in every video."""
    if not path.exists():
        source = f"testsrc2=size=1280x720:rate=25:duration={PICTURE_SECONDS},noise=alls=20:allf=t"
        bitrate = ("-b:v", PICTURE_BITS_PER_SECOND, "-maxrate", PICTURE_BITS_PER_SECOND)
        codec = ("-c:v", "libx264", "-preset", "ultrafast", *bitrate, "-bufsize", "5000k")
        _ffmpeg("-f", "lavfi", "-i", source, *codec, "-pix_fmt", "yuv420p", str(path))
    return path


def _record(path: Path, picture: Path, talk: speech.Samples) -> Path:
    wav = speech.save(path.with_suffix(".wav"), talk)
    sound = ("-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2")
    pieces = ("-stream_loop", "-1", "-i", str(picture), "-i", str(wav))
    _ffmpeg(*pieces, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *sound, "-shortest", str(path))
    wav.unlink()
    return path


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-nostdin", "-threads", "1", *arguments]
    subprocess.run(command, check=True)
