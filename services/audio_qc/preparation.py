"""Preparation: a recording becomes one mono file and graded clips that account for all of it."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.chunking import Range, chunk, gaps_between
from services.audio_qc.clips import Clip, Gap, Sound, judged_gaps, measured_clip
from services.audio_qc.inference import Models
from services.audio_qc.judging import rate_quality, reject_bad_sound, reject_company
from services.audio_qc.measures.grading import Measures, Reason, Thresholds, shortcomings
from services.audio_qc.pace import Pace
from services.audio_qc.plan import Plan
from services.audio_qc.sound.listening import Heard
from services.audio_qc.sound.mastering import Master, master, written
from services.audio_qc.sound.sound_events import music_frames
from services.audio_qc.voices.casting import Cast, cast
from services.audio_qc.voices.conversation import Conversation, follow
from services.speech.regions import FRAME_SAMPLES, SAMPLE_RATE_HERTZ


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
    cast: Cast


def prepare(
    path: Path,
    plan: Plan,
    models: Models,
    folder: Path,
    *,
    reference: NDArray[np.float32] | None = None,
    pace: Pace,
) -> Prepared:
    """Prepares the recording at `path`, with files in `folder`.

    `reference` is the embedding of the voice that is wanted. Raises UnreadableAudioError,
    ModelMissingError and, when the pace says so, StoppedError.
    """
    mastered = master(path, plan, models, folder, pace.part(0.0, 0.4))
    sound = mastered.sound
    conversation = follow(
        sound.rendered.speech_band,
        sound.heard,
        models.segmenter,
        models.embedder,
        same_speaker_similarity=plan.min_speaker_similarity,
        pace=pace.part(0.4, 0.5),
    )
    wav = written(sound, folder / "prepared.wav", pace.part(0.5, 0.52))
    count = len(sound.rendered.sound)
    ranges = _cut(sound, plan, conversation)
    clips = _measured(
        mastered, ranges, plan, conversation, models=models, pace=pace.part(0.52, 0.65)
    )
    found = cast(
        clips,
        sound,
        models.embedder,
        reference=reference,
        similarity=plan.min_speaker_similarity,
        pace=pace.part(0.65, 0.8),
    )
    needed = _needed(mastered, plan)
    rate_quality(clips, sound, needed, models.dnsmos, pace.part(0.8, 1.0))
    return Prepared(
        wav=wav,
        sample_count=count,
        clips=clips,
        gaps=judged_gaps(sound, gaps_between(ranges, count)),
        speech_seconds=sound.heard.speech_seconds,
        gain_decibels=mastered.gain_decibels,
        source=mastered.source,
        source_reasons=shortcomings(mastered.source, plan.recording),
        cast=found,
    )


def _cut(sound: Sound, plan: Plan, conversation: Conversation) -> list[Range]:
    count, ratio = len(sound.rendered.sound), sound.rate / SAMPLE_RATE_HERTZ
    speech = [
        Range(round(region.start * ratio), min(count, round(region.end * ratio)))
        for region in sound.heard.regions
    ]

    def quietest_in(start: int, end: int) -> int:
        return _quietest(sound.heard, sound.rate, start, end)

    return chunk(
        [piece for piece in speech if piece.length > 0],
        count,
        plan.limits,
        fences=[round(change * ratio) for change in conversation.changes],
        quietest_in=quietest_in,
    )


def _quietest(heard: Heard, rate: int, start: int, end: int) -> int:
    """Returns the middle of the quietest frame, as a sample from `start` to `end`."""
    frames = heard.frames_between(start / rate, end / rate)
    frame = frames.start + int(np.argmin(heard.powers[frames]))
    middle = round((frame + 0.5) * FRAME_SAMPLES * rate / SAMPLE_RATE_HERTZ)
    return int(min(max(start, middle), end))


def _needed(mastered: Master, plan: Plan) -> Thresholds:
    return replace(plan.clip, min_loudness_lufs=mastered.speech_lufs - plan.max_quieter_lu)


def _measured(
    mastered: Master,
    ranges: list[Range],
    plan: Plan,
    conversation: Conversation,
    *,
    models: Models,
    pace: Pace,
) -> list[Clip]:
    sound = mastered.sound
    music = music_frames(
        sound.rendered.speech_band, len(sound.heard.speech), models.events, pace.part(0.0, 0.4)
    )
    needed = _needed(mastered, plan)
    clips = []
    for index, piece in enumerate(ranges):
        pace.part(0.4, 1.0)(index / len(ranges))
        clip = measured_clip(sound, piece)
        reject_bad_sound(clip, plan, needed)
        reject_company(clip, sound, plan, overlap=conversation.overlap, music=music)
        clips.append(clip)
    return clips
