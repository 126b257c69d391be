"""Preparation: a recording becomes one mono file and graded clips that account for all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from services.audio_qc.chunking import QuietestIn, Range, chunk, gaps_between
from services.audio_qc.clips import Clip, Gap, Sound, judged_gaps, measured_clip
from services.audio_qc.gain import gain_decibels, speech_loudness
from services.audio_qc.grading import Measures, Reason, shortcomings
from services.audio_qc.inference import Models
from services.audio_qc.listening import Heard, listen
from services.audio_qc.pace import Pace
from services.audio_qc.plan import Plan
from services.audio_qc.rendering import render
from services.audio_qc.survey import measure, survey
from services.audio_qc.true_peak import TruePeakMeter
from services.speech.loudness import LoudnessMeter
from services.speech.vad import FRAME_SAMPLES, SAMPLE_RATE_HERTZ


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result of a preparation."""

    wav: Path
    sample_count: int
    clips: list[Clip]
    gaps: list[Gap]
    speech_seconds: float
    gain_decibels: float
    source: Measures
    source_reasons: list[Reason]


def prepare(path: Path, plan: Plan, models: Models, folder: Path, pace: Pace) -> Prepared:
    """Prepares the recording at `path`, with files in `folder`; see the stages below."""
    surveyed = survey(path, pace.part(0.0, 0.1))
    loudness, peak = LoudnessMeter(plan.sample_rate_hertz), TruePeakMeter()
    rendered = render(
        path,
        surveyed.downmix,
        plan.sample_rate_hertz,
        folder,
        pace.part(0.1, 0.2),
        taps=(loudness.push, peak.push),
    )
    heard = listen(rendered.speech_band, models.vad, pace.part(0.2, 0.25))
    source = measure(
        path,
        surveyed,
        rendered.speech_band,
        heard,
        models.dnsmos,
        pace=pace.part(0.25, 0.35),
        max_rated_windows=plan.max_rated_windows,
    )
    spoken = speech_loudness(loudness.block_energies(), heard)
    gain = gain_decibels(
        spoken,
        peak.dbtp,
        target_lufs=plan.target_loudness_lufs,
        ceiling_dbtp=plan.true_peak_ceiling_dbtp,
    )
    sound = Sound(
        rendered=rendered,
        heard=heard,
        gain_ratio=10 ** (gain / 20),
        clipped_counts=surveyed.clipping.frame_counts(),
        source_rate_hertz=surveyed.info.sample_rate_hertz,
    )
    wav = _written(sound, folder / "prepared.wav", pace.part(0.35, 0.4))
    sample_count = len(rendered.sound)
    ranges = chunk(
        _speech_ranges(heard, plan.sample_rate_hertz, sample_count),
        sample_count,
        plan.limits,
        quietest_in=_quietest(heard, plan.sample_rate_hertz),
    )
    clips = _graded(sound, ranges, plan, spoken + gain, models=models, pace=pace.part(0.4, 1.0))
    return Prepared(
        wav=wav,
        sample_count=sample_count,
        clips=clips,
        gaps=judged_gaps(sound, gaps_between(ranges, sample_count)),
        speech_seconds=heard.speech_seconds,
        gain_decibels=gain,
        source=source,
        source_reasons=shortcomings(source, plan.recording),
    )


def _written(sound: Sound, path: Path, pace: Pace) -> Path:
    count = max(1, len(sound.rendered.sound))
    with soundfile.SoundFile(path, "w", sound.rate, 1, "PCM_16", format="WAV") as file:
        for piece in sound.pieces():
            pace(file.tell() / count)
            file.write(piece)
    return path


def _speech_ranges(heard: Heard, rate: int, sample_count: int) -> list[Range]:
    ratio = rate / SAMPLE_RATE_HERTZ
    return [
        Range(round(region.start * ratio), min(sample_count, round(region.end * ratio)))
        for region in heard.regions
        if round(region.start * ratio) < sample_count
    ]


def _quietest(heard: Heard, rate: int) -> QuietestIn:
    def quietest_in(start: int, end: int) -> int:
        frames = heard.frames_between(start / rate, end / rate)
        frame = frames.start + int(np.argmin(heard.powers[frames]))
        middle = (frame + 0.5) * FRAME_SAMPLES * rate / SAMPLE_RATE_HERTZ
        return int(min(max(start, round(middle)), end))

    return quietest_in


def _graded(
    sound: Sound, ranges: Sequence[Range], plan: Plan, lufs: float, *, models: Models, pace: Pace
) -> list[Clip]:
    needed = replace(plan.clip, min_loudness_lufs=lufs - plan.max_quieter_lu)
    clips = []
    for index, piece in enumerate(ranges):
        pace(index / len(ranges))
        clip = measured_clip(sound, piece)
        if piece.length < plan.limits.min_clip:
            clip.reasons.append(_too_short(clip.measures, plan))
        clip.reasons += shortcomings(clip.measures, needed)
        if not clip.reasons:
            rated = models.dnsmos.rate(sound.speech_band(piece))
            clip.measures = replace(
                clip.measures,
                dnsmos_overall=rated.overall,
                dnsmos_signal=rated.signal,
                dnsmos_background=rated.background,
            )
            clip.reasons += shortcomings(clip.measures, needed)
        clips.append(clip)
    return clips


def _too_short(measures: Measures, plan: Plan) -> Reason:
    message = f"It lasts {measures.duration_seconds:.2f} s; {plan.min_clip_seconds:g} s are needed."
    return Reason("TOO_SHORT", message)
