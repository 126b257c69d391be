"""Whether clips are of one speaker: stretches of speech are sorted by voice."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.inference.voices.clip import Clip
from services.speech.regions import SAMPLE_RATE_HERTZ, Region

PAUSE_SECONDS = 0.3
"""Speech on both sides of a shorter pause is one speaker's."""
STRETCH_SECONDS = 4.0
MIN_STRETCH_SECONDS = 1.0
SAME_SIMILARITY = 0.4
"""Mean cosine of two groups of stretches above which they are one voice. Of 72 talks of 2 to 8
prompts by one person none was taken for two people's between 0.25 and 0.45; of 48 talks by a woman
and a man 45 were found from 0.3 on, the others with too little of one of them."""
MIN_OTHER_SECONDS = 1.5
MIN_OTHER_RATIO = 0.1
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
    seconds = np.array([len(samples) / SAMPLE_RATE_HERTZ for samples in chosen])
    voices = _voices(embeddings)
    main = max(float(seconds[voices == voice].sum()) for voice in np.unique(voices))
    others = float(seconds.sum()) - main
    is_much = others >= max(MIN_OTHER_SECONDS, MIN_OTHER_RATIO * float(seconds.sum()))
    return others * step if is_much else 0.0


def _voices(embeddings: Vectors) -> NDArray[np.int64]:
    """Returns a number per stretch, the same for one voice: average linkage on the cosine."""
    if len(embeddings) == 1:
        return np.ones(1, np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(embeddings.astype(np.float64), method="average", metric="cosine")
    return np.asarray(fcluster(tree, 1 - SAME_SIMILARITY, criterion="distance"), np.int64)


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
