"""Grading clips to clone from: what is refused, what could be better, what is kept of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.inference.voices.clip import STORED_HERTZ, Clip, Samples, gain_to, loudness_of
from services.inference.voices.speaker_check import Embedder, other_speech_seconds
from services.speech.regions import SAMPLE_RATE_HERTZ

MAX_CLIP_SECONDS = 300.0
"""A longer file is not somebody's reference clip; nothing of it is kept."""
MAX_KEPT_SECONDS = 60.0
"""Of one clip; models listen to less."""
MIN_CLIP_SECONDS = 1.0
MIN_SPEECH_SECONDS = 3.0
"""Of all clips together."""
IDEAL_SPEECH_SECONDS = (6.0, 30.0)
SILENT_LUFS = -60.0
MAX_CLIPPED_RATIO = 0.01
FEW_CLIPPED_RATIO = 0.0005
IDEAL_SNR_DECIBELS = 20.0
IDEAL_HERTZ = 16_000
TARGET_LUFS = -23.0
"""EBU R 128's."""
CEILING_DBFS = -1.0
EDGE_SECONDS = 0.1
"""What is kept before the first and after the last word."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why clips cannot be cloned from."""

    reason: str
    message: str
    clip_index: int


def refusal_of(clips: Sequence[Clip], embedder: Embedder) -> Refusal | None:
    """Returns the first reason against cloning from these clips."""
    for index, clip in enumerate(clips):
        if found := _objection(clip):
            return Refusal(*found, index)
    total = sum(clip.speech_seconds for clip in clips)
    if total < MIN_SPEECH_SECONDS:
        message = (
            f"There are {total:.1f} s of speech; at least {MIN_SPEECH_SECONDS:g} s are needed, "
            f"{IDEAL_SPEECH_SECONDS[0]:g} to {IDEAL_SPEECH_SECONDS[1]:g} s are best."
        )
        return Refusal("TOO_SHORT", message, 0)
    if others := other_speech_seconds(clips, embedder):
        message = (
            f"More than one speaker is heard: {others:.0f} s or more are not the main one's. Give "
            "speech of one person alone."
        )
        return Refusal("SEVERAL_SPEAKERS", message, 0)
    return None


def warnings_of(clip: Clip, total_speech_seconds: float) -> tuple[str, ...]:
    """Returns what is not as good as it could be."""
    found = []
    least, most = IDEAL_SPEECH_SECONDS
    if total_speech_seconds < least:
        found.append(
            f"Only {total_speech_seconds:.1f} s of speech in all; {least:g} to {most:g} s are best."
        )
    if clip.duration_seconds > MAX_KEPT_SECONDS:
        found.append(f"Only the first {MAX_KEPT_SECONDS:g} s are used.")
    snr = clip.snr_decibels()
    if snr < IDEAL_SNR_DECIBELS:
        found.append(
            f"There is noise: the signal-to-noise ratio is {snr:.0f} dB; "
            f"{IDEAL_SNR_DECIBELS:g} dB or more are best."
        )
    if clip.clipped_ratio > FEW_CLIPPED_RATIO:
        found.append(f"{clip.clipped_ratio:.2%} of the samples are clipped: record more quietly.")
    if clip.source_hertz < IDEAL_HERTZ:
        found.append(
            f"The sample rate is {clip.source_hertz} Hz, as on a telephone; "
            f"{IDEAL_HERTZ} Hz or more are best."
        )
    return tuple(found)


def prepared(clip: Clip) -> Samples:
    """Returns what is kept of a clip, at 24 kHz: from the first word to the last, at -23 LUFS."""
    scale = STORED_HERTZ / SAMPLE_RATE_HERTZ
    edge = EDGE_SECONDS * STORED_HERTZ
    start = max(0, round(clip.regions[0].start * scale - edge))
    latest = start + MAX_KEPT_SECONDS * STORED_HERTZ
    ends = [region.end * scale + edge for region in clip.regions]
    end = max((each for each in ends if each <= latest), default=latest)
    kept = clip.samples[start : round(end)]
    peak = float(np.abs(kept).max(initial=0.0))
    gain = gain_to(TARGET_LUFS, loudness_of(kept, STORED_HERTZ), peak, CEILING_DBFS)
    return np.asarray(gain * kept, np.float32)


def _objection(clip: Clip) -> tuple[str, str] | None:
    seconds = clip.duration_seconds
    if seconds > MAX_CLIP_SECONDS:
        return "TOO_LONG", (
            f"It is longer than {MAX_CLIP_SECONDS / 60:g} minutes: cut out "
            f"{IDEAL_SPEECH_SECONDS[0]:g} to {IDEAL_SPEECH_SECONDS[1]:g} s of clean speech."
        )
    if seconds < MIN_CLIP_SECONDS:
        return "TOO_SHORT", (
            f"It is {seconds:.1f} s long; a clip needs at least {MIN_CLIP_SECONDS:g} s, "
            f"{IDEAL_SPEECH_SECONDS[0]:g} to {IDEAL_SPEECH_SECONDS[1]:g} s are best."
        )
    if clip.loudness_lufs < SILENT_LUFS:
        return "SILENT", "It is silent: check the microphone, and that the right file was taken."
    if not clip.regions:
        return "NO_SPEECH", "No speech was found in it: take a clip in which somebody speaks."
    if clip.clipped_ratio > MAX_CLIPPED_RATIO:
        return "CLIPPED", (
            f"{clip.clipped_ratio:.1%} of the samples are clipped: record again more quietly."
        )
    return None
