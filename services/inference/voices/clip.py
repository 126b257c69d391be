"""A clip as it is heard: its sound, where speech is, and what can be measured of it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.speech.clipping import ClippingMeter
from services.speech.loudness import LoudnessMeter, integrated_lufs
from services.speech.regions import FRAME_SAMPLES, SAMPLE_RATE_HERTZ, Region
from services.speech.snr import noise_power, snr_decibels
from services.speech.windows import audio_info, blocks, resampled

STORED_HERTZ = 24_000
"""What references are kept at; XTTS takes 22,050 Hz, the others less."""
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE_HERTZ
SILENT_LUFS = -120.0
"""Stands for minus infinity, which JSON cannot say."""

Samples = NDArray[np.float32]


class SpeechDetector(Protocol):
    """Finds speech."""

    def regions(self, blocks: Iterable[Samples]) -> list[Region]:
        """Returns the speech in a mono recording at 16 kHz that comes in blocks of any size."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of at most some minutes."""

    samples: Samples
    """At 24 kHz."""
    speech_band: Samples
    """At 16 kHz."""
    regions: list[Region]
    """Where speech is, in the samples at 16 kHz."""
    source_hertz: int
    loudness_lufs: float
    peak: float
    clipped_ratio: float

    @property
    def duration_seconds(self) -> float:
        """How long it plays."""
        return len(self.samples) / STORED_HERTZ

    @property
    def speech_seconds(self) -> float:
        """How much of it is speech."""
        return sum(region.end - region.start for region in self.regions) / SAMPLE_RATE_HERTZ

    def snr_decibels(self) -> float:
        """Returns the signal-to-noise ratio, see services.speech.snr."""
        count = len(self.speech_band) // FRAME_SAMPLES
        if not count:
            return 0.0
        frames = self.speech_band[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
        powers = np.asarray(np.mean(np.square(frames), axis=1), np.float32)
        speech = np.zeros(count, bool)
        for region in self.regions:
            speech[region.start // FRAME_SAMPLES : -(-region.end // FRAME_SAMPLES)] = True
        return snr_decibels(powers, speech, noise_power(powers, speech))

    def speech(self, max_seconds: float) -> Samples:
        """Returns the first speech, without the pauses, at 16 kHz."""
        parts = [self.speech_band[region.start : region.end] for region in self.regions]
        wanted = round(max_seconds * SAMPLE_RATE_HERTZ)
        return np.concatenate([np.zeros(0, np.float32), *parts])[:wanted]


def heard(path: Path, detector: SpeechDetector) -> Clip:
    """Listens to a mono file; holds all of it in memory. Raises UnreadableAudioError."""
    info = audio_info(path)
    rate = info.sample_rate_hertz
    loudness, peak = LoudnessMeter(rate), 0.0
    for block in blocks(path):
        loudness.push(block)
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
    clipping = ClippingMeter(np.array([peak]), rate, FRAME_SECONDS)
    for block in blocks(path):
        clipping.push(block)
    speech_band = _joined(resampled(_mono(path), rate, SAMPLE_RATE_HERTZ))
    found = detector.regions([speech_band])
    regions = [Region(r.start, min(r.end, len(speech_band))) for r in found]
    return Clip(
        samples=_joined(resampled(_mono(path), rate, STORED_HERTZ)),
        speech_band=speech_band,
        regions=regions,
        source_hertz=rate,
        loudness_lufs=max(SILENT_LUFS, integrated_lufs(loudness.block_energies())),
        peak=peak,
        clipped_ratio=clipping.ratio,
    )


def loudness_of(samples: Samples, sample_rate_hertz: int) -> float:
    """Returns the loudness of mono samples in LUFS; -inf for silence."""
    meter = LoudnessMeter(sample_rate_hertz)
    meter.push(samples[:, None])
    return integrated_lufs(meter.block_energies())


def gain_to(target_lufs: float, loudness_lufs: float, peak: float, ceiling_dbfs: float) -> float:
    """Returns the factor that brings sound to a loudness, lowered to keep its peak below."""
    if not math.isfinite(loudness_lufs) or peak <= 0:
        return 1.0
    headroom = ceiling_dbfs - 20 * math.log10(peak)
    return float(10 ** (min(target_lufs - loudness_lufs, headroom) / 20))


def _mono(path: Path) -> Iterator[Samples]:
    for block in blocks(path):
        yield block[:, 0]


def _joined(parts: Iterable[Samples]) -> Samples:
    return np.concatenate([np.zeros(0, np.float32), *parts])
