"""Casting: whose voice each clip is, and which clips are kept for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.clips import Clip, Sound
from services.audio_qc.measures.grading import Reason
from services.audio_qc.pace import Pace
from services.audio_qc.voices.speakers import Voice, choose_target, sort_by_voice
from services.speech.embedding import MIN_SECONDS, SAMPLE_RATE_HERTZ, SpeakerEmbedder

MIN_HALF_SECONDS = 2.0
"""Halves shorter than this do not say who speaks."""
MIXED_MARGIN = 0.1
TELLING_SECONDS = 1.5
"""In less than this a voice is not told from another one, only from silence."""

Samples = NDArray[np.float32]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who speaks in a recording."""

    voices: list[Voice]
    """The target first, then by how long they speak."""
    target: Voice | None
    """None when nobody speaks, or the reference speaker does not."""
    reference_similarities: list[float]
    """Of each voice; zeros without a reference."""


def cast(
    clips: Sequence[Clip],
    sound: Sound,
    embedder: SpeakerEmbedder,
    *,
    reference: Vectors | None,
    similarity: float,
    pace: Pace,
) -> Cast:
    """Names the speaker of each clip that has no reason against it yet, and rejects the others'.

    A clip too short to tell who speaks stays if the recording has one voice only.
    """
    asked = [clip for clip in clips if not clip.reasons and _seconds(clip) >= MIN_SECONDS]
    embeddings = np.zeros((len(asked), 0), np.float32)
    if asked:
        found = []
        for index, clip in enumerate(asked):
            pace(index / len(asked))
            found.append(embedder.embed(sound.speech_band(clip.range)))
        embeddings = np.stack(found)
    voices = sort_by_voice(embeddings, [_seconds(clip) for clip in asked], similarity)
    target = choose_target(voices, reference, similarity)
    for voice in voices:
        for index in voice.members:
            asked[index].speaker_id = voice.speaker_id
    if target:
        for index, clip in enumerate(asked):
            clip.speaker_similarity = float(embeddings[index] @ target.centroid)
    others = [voice for voice in voices if voice is not target]
    for clip in asked:
        reason = _objection(clip, target, len(voices))
        if not reason and target and others and _is_mixed(clip, sound, embedder, target, others):
            reason = Reason("MIXED_SPEAKERS", "Another speaker is heard in one half of it.")
        if reason:
            clip.reasons.append(reason)
    ordered = [*([target] if target else []), *others]
    similarities = [
        0.0 if reference is None else float(voice.centroid @ reference) for voice in ordered
    ]
    return Cast(ordered, target, similarities)


def _objection(clip: Clip, target: Voice | None, voice_count: int) -> Reason | None:
    if target is None:
        return Reason("REFERENCE_NOT_FOUND", "The speaker of the reference clip was not found.")
    if clip.speaker_id == target.speaker_id:
        return None
    if clip.speaker_id:
        message = (
            f"It is {clip.speaker_id}, not {target.speaker_id}: the similarity with the wanted "
            f"voice is {clip.speaker_similarity:.2f}."
        )
        return Reason("OTHER_SPEAKER", message)
    if voice_count == 1 and _seconds(clip) < TELLING_SECONDS:
        return None
    message = (
        "It cannot be told who speaks: the similarity with the wanted voice is "
        f"{clip.speaker_similarity:.2f}."
    )
    return Reason("SPEAKER_UNCERTAIN", message)


def _is_mixed(
    clip: Clip, sound: Sound, embedder: SpeakerEmbedder, target: Voice, others: Sequence[Voice]
) -> bool:
    """Compares the halves of a clip with all voices: both should be nearest to the target."""
    samples = sound.speech_band(clip.range)
    half = len(samples) // 2
    if half < MIN_HALF_SECONDS * SAMPLE_RATE_HERTZ:
        return False
    rivals = np.stack([voice.centroid for voice in others])
    for part in (samples[:half], samples[half:]):
        embedding = embedder.embed(part)
        if float((rivals @ embedding).max()) >= float(target.centroid @ embedding) + MIXED_MARGIN:
            return True
    return False


def _seconds(clip: Clip) -> float:
    return clip.measures.duration_seconds
