"""Judging: each clip is held against everything that is known of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.clips import Clip, Sound
from services.audio_qc.measures.dnsmos import Dnsmos
from services.audio_qc.measures.grading import Reason, Thresholds, shortcomings
from services.audio_qc.pace import Pace
from services.audio_qc.plan import Plan

Mask = NDArray[np.bool_]


def reject_bad_sound(clip: Clip, plan: Plan, needed: Thresholds) -> None:
    """Adds what is wrong with a clip by the measures that cost little."""
    if clip.range.length < plan.limits.min_clip:
        seconds = clip.measures.duration_seconds
        message = f"It lasts {seconds:.2f} s; at least {plan.min_clip_seconds:g} s are needed."
        clip.reasons.append(Reason("TOO_SHORT", message))
    clip.reasons += shortcomings(clip.measures, needed)


def reject_company(clip: Clip, sound: Sound, plan: Plan, *, overlap: Mask, music: Mask) -> None:
    """Rejects a clip in which two people speak at once, or that has music in it."""
    rate = sound.rate
    inside = sound.heard.frames_between(clip.range.start / rate, clip.range.end / rate)
    spoken = max(1, int(sound.heard.speech[inside].sum()))
    overlap_ratio = float(overlap[inside].sum()) / spoken
    if overlap_ratio > plan.max_overlap_ratio:
        clip.reasons.append(
            Reason(
                "OVERLAP",
                f"Two people speak at once in {overlap_ratio:.0%} of it; at most "
                f"{plan.max_overlap_ratio:.0%} is allowed.",
            )
        )
    music_ratio = float(music[inside].mean()) if len(music[inside]) else 0.0
    if music_ratio > plan.max_music_ratio:
        clip.reasons.append(
            Reason(
                "MUSIC",
                f"Music or singing is heard in {music_ratio:.0%} of it; at most "
                f"{plan.max_music_ratio:.0%} is allowed.",
            )
        )


def rate_quality(
    clips: Sequence[Clip], sound: Sound, needed: Thresholds, rater: Dnsmos, pace: Pace
) -> None:
    """Rates the clips that nothing speaks against so far: this costs most, so it comes last."""
    asked = [clip for clip in clips if not clip.reasons]
    for index, clip in enumerate(asked):
        pace(index / len(asked))
        rated = rater.rate(sound.speech_band(clip.range))
        clip.measures = replace(
            clip.measures,
            dnsmos_overall=rated.overall,
            dnsmos_signal=rated.signal,
            dnsmos_background=rated.background,
        )
        clip.reasons += shortcomings(clip.measures, needed)
