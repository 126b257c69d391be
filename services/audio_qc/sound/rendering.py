"""Rendering: a recording becomes one channel at the rates we need, on disk, in windows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.pace import Pace
from services.audio_qc.sound.channels import Downmix
from services.audio_qc.sound.sound_on_disk import SoundOnDisk, kept
from services.speech.regions import SAMPLE_RATE_HERTZ
from services.speech.windows import audio_info, blocks, resampled

Samples = NDArray[np.float32]


class NoiseReducer(Protocol):
    """Takes noise out of mono sound, block by block."""

    sample_rate_hertz: int
    """The rate it works at."""

    def reduced(self, mono_blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Yields the sound without noise, as many samples as came in."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A recording as one channel, on disk."""

    sample_rate_hertz: int
    sound: SoundOnDisk
    """At the rate asked for."""
    speech_band: SoundOnDisk
    """At 16 kHz, for the models that listen to speech."""


def mono_blocks(path: Path, downmix: Downmix, pace: Pace) -> Iterator[Samples]:
    """Yields a file as one channel at its own rate."""
    count, seen = max(1, audio_info(path).sample_count), 0
    for block in blocks(path):
        pace(seen / count)
        seen += len(block)
        yield downmix(block)


def render(
    path: Path,
    downmix: Downmix,
    sample_rate_hertz: int,
    folder: Path,
    pace: Pace,
    *,
    reducer: NoiseReducer | None = None,
    taps: Iterable[Callable[[Samples], None]] = (),
) -> Rendered:
    """Writes a file's sound into `folder` as one channel at two rates.

    `taps` get each block, of shape (samples, 1) at the rate asked for, as it goes by.
    """
    rate = audio_info(path).sample_rate_hertz
    sound = mono_blocks(path, downmix, pace.part(0.0, 0.8))
    if reducer:
        sound = reducer.reduced(resampled(sound, rate, reducer.sample_rate_hertz))
        rate = reducer.sample_rate_hertz
    tapped = _tapped(resampled(sound, rate, sample_rate_hertz), list(taps))
    whole = kept(folder / "sound.f32", tapped)
    if sample_rate_hertz == SAMPLE_RATE_HERTZ:
        return Rendered(sample_rate_hertz, whole, whole)
    again = _pieces(whole, sample_rate_hertz, pace.part(0.8, 1.0))
    band = resampled(again, sample_rate_hertz, SAMPLE_RATE_HERTZ)
    return Rendered(sample_rate_hertz, whole, kept(folder / "speech-band.f32", band))


def _tapped(sound: Iterable[Samples], taps: list[Callable[[Samples], None]]) -> Iterator[Samples]:
    for block in sound:
        for tap in taps:
            tap(block[:, None])
        yield block


def _pieces(sound: SoundOnDisk, rate: int, pace: Pace) -> Iterator[Samples]:
    step = 10 * rate
    for start in range(0, len(sound), step):
        pace(start / len(sound))
        yield sound.read(start, start + step)
