"""Clips: pieces of a prepared recording, each measured and graded."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.chunking import Range
from services.audio_qc.measures.bandwidth import SpectrumMeter
from services.audio_qc.measures.grading import Measures, Reason
from services.audio_qc.measures.survey import SILENT_LUFS
from services.audio_qc.measures.true_peak import TruePeakMeter
from services.audio_qc.sound.listening import Heard
from services.audio_qc.sound.rendering import Rendered
from services.speech.loudness import LoudnessMeter, integrated_lufs
from services.speech.regions import SAMPLE_RATE_HERTZ
from services.speech.snr import dbfs_of, noise_power, power_of, snr_decibels

NOISE_CONTEXT_SECONDS = 3.0
"""The noise of a clip is looked for this far around it."""
SOUND_MARGIN_DECIBELS = 10.0
"""A gap this far above the noise floor holds a sound."""
SOUND_FLOOR_DBFS = -70.0

Samples = NDArray[np.float32]


@dataclass(slots=True)
class Clip:
    """A clip on its way to a verdict."""

    range: Range
    pcm_sha256: str
    measures: Measures
    reasons: list[Reason] = field(default_factory=list)
    speaker_id: str = ""
    speaker_similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies between clips."""

    range: Range
    has_sound: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """A prepared recording, ready to be cut."""

    rendered: Rendered
    heard: Heard
    gain_ratio: float
    clipped_counts: NDArray[np.int64]
    """Per frame of 32 ms: how many samples of the source were clipped."""
    source_rate_hertz: int

    @property
    def rate(self) -> int:
        """The sample rate of the prepared sound."""
        return self.rendered.sample_rate_hertz

    def pcm(self, start: int, end: int) -> NDArray[np.int16]:
        """Returns prepared samples as they are written: 16 bit, rounded, no dither."""
        scaled = self.rendered.sound.read(start, end) * np.float64(self.gain_ratio * 32768)
        return np.clip(np.rint(scaled), -32768, 32767).astype("<i2")

    def pieces(self, seconds: float = 10.0) -> Iterator[NDArray[np.int16]]:
        """Yields all prepared samples in order."""
        step = round(seconds * self.rate)
        for start in range(0, len(self.rendered.sound), step):
            yield self.pcm(start, start + step)

    def speech_band(self, piece: Range) -> Samples:
        """Returns a piece of the prepared sound at 16 kHz."""
        start, end = (round(at * SAMPLE_RATE_HERTZ / self.rate) for at in _bounds(piece))
        return self.rendered.speech_band.read(start, end) * np.float32(self.gain_ratio)


def measured_clip(sound: Sound, piece: Range) -> Clip:
    """Returns a clip with every measure that costs little."""
    rate = sound.rate
    pcm = sound.pcm(piece.start, piece.end)
    samples = (pcm / 32768).astype(np.float32)
    start, end = (at / rate for at in _bounds(piece))
    inside = sound.heard.frames_between(start, end)
    around = sound.heard.frames_between(start - NOISE_CONTEXT_SECONDS, end + NOISE_CONTEXT_SECONDS)
    speech, powers = sound.heard.speech[inside], sound.heard.powers[inside]
    noise = noise_power(sound.heard.powers[around], sound.heard.speech[around])
    loudness, peak, spectrum = LoudnessMeter(rate), TruePeakMeter(), SpectrumMeter(rate)
    loudness.push(samples[:, None])
    peak.push(samples[:, None])
    spectrum.push(sound.rendered.sound.read(piece.start, piece.end), 0, speech)
    clipped = int(sound.clipped_counts[inside].sum())
    measures = Measures(
        sample_rate_hertz=rate,
        duration_seconds=piece.length / rate,
        snr_decibels=snr_decibels(powers, speech, noise),
        clipped_ratio=min(1.0, clipped / max(1.0, (end - start) * sound.source_rate_hertz)),
        speech_ratio=float(speech.mean()) if len(speech) else 0.0,
        integrated_loudness_lufs=max(SILENT_LUFS, integrated_lufs(loudness.block_energies())),
        true_peak_dbtp=max(SILENT_LUFS, peak.dbtp),
        effective_bandwidth_hertz=spectrum.bandwidth_hertz(),
        dc_offset_ratio=float(samples.mean()),
        noise_floor_dbfs=dbfs_of(noise * sound.gain_ratio**2),
    )
    return Clip(piece, hashlib.sha256(pcm.tobytes()).hexdigest(), measures)


def judged_gaps(sound: Sound, gaps: Sequence[Range]) -> list[Gap]:
    """Says of each gap whether something is heard in it."""
    floor = noise_power(sound.heard.powers, sound.heard.speech)
    loud = max(floor * power_of(SOUND_MARGIN_DECIBELS), power_of(SOUND_FLOOR_DBFS))
    found = []
    for gap in gaps:
        start, end = (at / sound.rate for at in _bounds(gap))
        powers = sound.heard.powers[sound.heard.frames_between(start, end)]
        found.append(Gap(gap, bool(len(powers) and np.median(powers) > loud)))
    return found


def _bounds(piece: Range) -> tuple[int, int]:
    return piece.start, piece.end
