"""Whether clips are of one speaker: stretches of speech are sorted by voice."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.inference.voices.clip import Clip
from services.speech.regions import SAMPLE_RATE_HERTZ, Region
from services.speech.speakers import sort_by_voice

PAUSE_SECONDS = 0.3
"""Speech on both sides of a shorter pause is one speaker's."""
STRETCH_SECONDS = 4.0
MIN_STRETCH_SECONDS = 1.0
SAME_SIMILARITY = 0.45
"""Mean cosine of two groups of stretches above which they are one voice. Recorded prompts of 4 s:
at least 0.64 for one speaker and at most 0.35 for two; 2.5 s: 0.37 to 0.85 and at most 0.37."""
MIN_OTHER_SECONDS = 1.5
MIN_OTHER_RATIO = 0.15
"""Less than this of another voice is a laugh or a change of tone more often than somebody else."""
MAX_STRETCHES = 40

Samples = NDArray[np.float32]
Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Tells voices apart."""

    def embed(self, samples: Samples) -> Vectors:
        """Returns a vector of unit length for mono speech at 16 kHz of half a second or more."""


def other_speech_seconds(clips: Sequence[Clip], embedder: Embedder) -> float:
    """Returns how much others say than the one who speaks most; 0 when that is next to nothing."""
    stretches = [part for clip in clips for part in _stretches(clip)]
    step = -(-len(stretches) // MAX_STRETCHES) or 1
    chosen = stretches[::step]
    if not chosen:
        return 0.0
    embeddings = np.stack([embedder.embed(samples) for samples in chosen])
    seconds = [len(samples) / SAMPLE_RATE_HERTZ for samples in chosen]
    voices = sort_by_voice(embeddings, seconds, SAME_SIMILARITY)
    others = sum(voice.speech_seconds for voice in voices[1:])
    is_much = others >= max(MIN_OTHER_SECONDS, MIN_OTHER_RATIO * sum(seconds))
    return others * step if is_much else 0.0


def _stretches(clip: Clip) -> Iterator[Samples]:
    """Yields speech in stretches of 2 to 4 s where there is so much without a pause."""
    for region in _turns(clip.regions):
        seconds = (region.end - region.start) / SAMPLE_RATE_HERTZ
        count = max(1, -int(-seconds // STRETCH_SECONDS))
        bounds = np.linspace(region.start, region.end, count + 1).astype(int)
        for start, end in pairwise(bounds):
            if end - start >= MIN_STRETCH_SECONDS * SAMPLE_RATE_HERTZ:
                yield clip.speech_band[start:end]


def _turns(regions: Sequence[Region]) -> list[Region]:
    turns: list[Region] = []
    for region in regions:
        if turns and region.start - turns[-1].end < PAUSE_SECONDS * SAMPLE_RATE_HERTZ:
            turns[-1] = Region(turns[-1].start, region.end)
        else:
            turns.append(region)
    return turns
