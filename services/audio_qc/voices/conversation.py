"""Conversation: where in a recording speakers change and where they talk over each other."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.pace import Pace
from services.audio_qc.sound.listening import FRAME_SECONDS, Heard
from services.audio_qc.sound.sound_on_disk import SoundOnDisk
from services.audio_qc.voices.segmentation import (
    FRAME_STEP_SECONDS,
    SAMPLE_RATE_HERTZ,
    SEGMENT_SECONDS,
    WINDOW_SAMPLES,
    Segmenter,
)
from services.audio_qc.voices.turns import Turn, overlapped, turns_in
from services.speech.embedding import SpeakerEmbedder

HOP_SAMPLES = WINDOW_SAMPLES // 2
COMPARED_SECONDS = 3.0
"""How much of a turn is compared with the next one."""
BLUR_SECONDS = 0.15
"""How exact the segmentation's edges are."""
MIN_COMPARED_SECONDS = 1.0
"""Less voice than this cannot contradict the segmentation."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who talks when, without names."""

    changes: list[int]
    """Where another speaker takes over, in samples at 16 kHz, in order."""
    overlap: NDArray[np.bool_]
    """Per frame of 32 ms: whether two speak at once."""


def follow(
    speech_band: SoundOnDisk,
    heard: Heard,
    segmenter: Segmenter,
    embedder: SpeakerEmbedder,
    *,
    same_speaker_similarity: float,
    pace: Pace,
) -> Conversation:
    """Follows a recording in windows of 10 s, of which the middle halves count.

    A change of speaker that the segmentation reports is dropped when the embeddings of both sides
    are alike: speakers change their tone, too.
    """
    changes: list[int] = []
    overlap = np.zeros(len(heard.speech), bool)
    for start in range(-HOP_SAMPLES // 2, len(speech_band), HOP_SAMPLES):
        pace(max(0, start) / max(1, len(speech_band)))
        first, middle = max(0, start), (start + HOP_SAMPLES // 2, start + 3 * HOP_SAMPLES // 2)
        inside = heard.frames_between(first / SAMPLE_RATE_HERTZ, middle[1] / SAMPLE_RATE_HERTZ)
        if not heard.speech[inside].any():
            continue
        window = np.zeros(WINDOW_SAMPLES, np.float32)
        piece = speech_band.read(first, start + WINDOW_SAMPLES)
        window[first - start : first - start + len(piece)] = piece
        posteriors = segmenter.posteriors(window)
        _mark(overlap, overlapped(posteriors), start, middle)
        turns = turns_in(posteriors)
        for before, after in pairwise(turns):
            at = _quietest(heard, start + _sample(before.end), start + _sample(after.start))
            if middle[0] <= at < middle[1] and not _alike(
                window, before, after, embedder, same_speaker_similarity
            ):
                changes.append(at)
    return Conversation(changes, overlap)


def _quietest(heard: Heard, before_end: int, after_start: int) -> int:
    """Returns where one speaker gives way to the next: the quietest moment between them."""
    first, last = sorted((before_end / SAMPLE_RATE_HERTZ, after_start / SAMPLE_RATE_HERTZ))
    frames = heard.frames_between(first - BLUR_SECONDS, last + BLUR_SECONDS)
    powers = heard.powers[frames]
    frame = int(frames.start) + (int(np.argmin(powers)) if len(powers) else 0)
    return round((frame + 0.5) * FRAME_SECONDS * SAMPLE_RATE_HERTZ)


def _mark(
    overlap: NDArray[np.bool_], found: NDArray[np.bool_], start: int, middle: tuple[int, int]
) -> None:
    at = start + np.array([_sample(int(index)) for index in np.flatnonzero(found)], np.int64)
    at = at[(at >= middle[0]) & (at < middle[1])]
    frames = (at / SAMPLE_RATE_HERTZ / FRAME_SECONDS).astype(np.int64)
    overlap[frames[(frames >= 0) & (frames < len(overlap))]] = True


def _alike(
    window: Samples, before: Turn, after: Turn, embedder: SpeakerEmbedder, similarity: float
) -> bool:
    compared = round(COMPARED_SECONDS * SAMPLE_RATE_HERTZ)
    left = window[max(_sample(before.start), _sample(before.end) - compared) : _sample(before.end)]
    right = window[_sample(after.start) : min(_sample(after.end), _sample(after.start) + compared)]
    if min(len(left), len(right)) < MIN_COMPARED_SECONDS * SAMPLE_RATE_HERTZ:
        return False
    return float(embedder.embed(left) @ embedder.embed(right)) >= similarity


def _sample(frame: int) -> int:
    """Returns the middle of a frame of the segmentation, in samples of its window."""
    seconds = frame * FRAME_STEP_SECONDS + SEGMENT_SECONDS / 2
    return min(WINDOW_SAMPLES, round(seconds * SAMPLE_RATE_HERTZ))
