"""Audio in windows: files are read, resampled and written in blocks, however long they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

BLOCK_SECONDS = 10.0
MAX_MAGNITUDE = 1e6
"""Files of floats may hold anything; nobody means 120 dB above full scale."""

Samples = NDArray[np.float32]


class UnreadableAudioError(Exception):
    """A file is no audio that libsndfile reads, or it is damaged."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file's header says."""

    sample_rate_hertz: int
    channel_count: int
    sample_count: int
    """Per channel."""

    @property
    def duration_seconds(self) -> float:
        """How long it plays."""
        return self.sample_count / self.sample_rate_hertz


def audio_info(path: Path) -> AudioInfo:
    """Returns what a file's header says; raises UnreadableAudioError."""
    try:
        found = soundfile.info(str(path))
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise UnreadableAudioError(_unreadable()) from error
    return AudioInfo(found.samplerate, found.channels, found.frames)


def blocks(path: Path, *, block_seconds: float = BLOCK_SECONDS) -> Iterator[Samples]:
    """Yields a file as float32 blocks of shape (samples, channels), full scale 1.0.

    Raises UnreadableAudioError when the data are damaged, or hold what is no sample.
    """
    try:
        with soundfile.SoundFile(path) as file:
            count = max(1, round(block_seconds * file.samplerate))
            while len(block := file.read(count, dtype="float32", always_2d=True)):
                if not np.abs(block).max() <= MAX_MAGNITUDE:  # neither is what is not a number
                    raise UnreadableAudioError(_absurd())
                yield block
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise UnreadableAudioError(_unreadable()) from error


def read_range(path: Path, start: int, end: int) -> Samples:
    """Returns the samples from `start` to before `end` of a mono file."""
    with soundfile.SoundFile(path) as file:
        file.seek(start)
        return np.asarray(file.read(end - start, dtype="float32", always_2d=True)[:, 0])


def resampled(
    mono_blocks: Iterable[Samples], from_hertz: int, to_hertz: int, *, quality: str = "VHQ"
) -> Iterator[Samples]:
    """Yields a mono recording at another sample rate (soxr, linear phase), block by block."""
    if from_hertz == to_hertz:
        yield from mono_blocks
        return
    stream = soxr.ResampleStream(from_hertz, to_hertz, 1, dtype="float32", quality=quality)
    for block in mono_blocks:
        yield np.asarray(stream.resample_chunk(np.ascontiguousarray(block)))
    yield np.asarray(stream.resample_chunk(np.zeros(0, np.float32), last=True))


def _unreadable() -> str:
    return "The audio cannot be read: it is damaged, or not WAV, FLAC, OGG or MP3."


def _absurd() -> str:
    return "The audio holds samples that are no numbers, or absurdly large: export it again."
