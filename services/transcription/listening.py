"""Reads audio for the recogniser: mono, 16 kHz, one stretch at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from services.chassis.errors import InvalidInputError
from services.speech.windows import AudioInfo, UnreadableAudioError, audio_info, blocks, resampled
from services.transcription.recognition import SAMPLE_RATE_HERTZ, Samples


def checked_info(path: Path) -> AudioInfo:
    """Returns what the header says; raises InvalidInputError for what is no readable audio."""
    try:
        return audio_info(path)
    except UnreadableAudioError as error:
        raise _unreadable() from error


def read(path: Path, start_seconds: float, end_seconds: float) -> Samples:
    """Returns a stretch of a file; raises InvalidInputError when it is damaged or ends before."""
    try:
        with soundfile.SoundFile(path) as file:
            start = round(start_seconds * file.samplerate)
            end = round(end_seconds * file.samplerate)
            if not 0 <= start < end <= file.frames:
                raise InvalidInputError(
                    f"The audio ends at {file.frames / file.samplerate:.3f} s, but a clip goes "
                    f"from {start_seconds:.3f} to {end_seconds:.3f} s: give the audio that the "
                    "clips were made from.",
                    reason="CLIP_OUTSIDE_AUDIO",
                    field="clips_uri",
                )
            file.seek(start)
            samples = file.read(end - start, dtype="float32", always_2d=True).mean(axis=1)
            rate = file.samplerate
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise _unreadable() from error
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE_HERTZ, quality="HQ"), np.float32)


def mono_blocks(path: Path, sample_rate_hertz: int) -> Iterator[Samples]:
    """Yields a whole file block by block; raises InvalidInputError when it is damaged."""
    mixed = (block.mean(axis=1) for block in blocks(path))
    try:
        yield from resampled(mixed, sample_rate_hertz, SAMPLE_RATE_HERTZ, quality="HQ")
    except UnreadableAudioError as error:
        raise _unreadable() from error


def _unreadable() -> InvalidInputError:
    return InvalidInputError(
        "The audio cannot be read: it is damaged, or not WAV, FLAC, OGG or MP3. Extract it first.",
        reason="UNREADABLE_AUDIO",
        field="audio_uri",
    )
