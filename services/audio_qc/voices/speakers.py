"""Speakers: clips are sorted by voice, the voices named, and one of them chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CLUSTERED = 2000
"""Clustering needs memory for each pair; more clips than this are sorted in afterwards."""
RELIABLE_SECONDS = 3.0
"""Clips of this length say who speaks; shorter ones are compared with what longer ones say."""
CLEAR_MARGIN = 0.1
"""A clip belongs to a voice that it is not close enough to, if it is this much closer to it than
to any other."""
FLOOR_RATIO = 0.8
"""How far below the threshold it may be then."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker of a recording."""

    speaker_id: str
    centroid: Vectors
    """Of unit length, shape (dimensions,)."""
    speech_seconds: float
    members: list[int]
    """Indices of the clips."""


def sort_by_voice(embeddings: Vectors, seconds: Sequence[float], similarity: float) -> list[Voice]:
    """Returns the voices, the one that speaks longest first; a clip is in one of them or in none.

    `embeddings` are unit vectors of shape (clips, dimensions), `seconds` how long each is. Average
    linkage on cosine similarity, cut at `similarity`, over the clips that are long enough to tell
    (or all, if none is); the others go to the nearest centroid if it is near enough, or clearly
    nearer than the next. No randomness: the same clips give the same voices.
    """
    if len(embeddings) == 0:
        return []
    lengths = np.asarray(seconds, np.float64)
    seeds = _seeds(lengths)
    labels = _clustered(embeddings[seeds], similarity)
    groups = [seeds[labels == label] for label in np.unique(labels)]
    centroids = np.stack([_centroid(embeddings[group], lengths[group]) for group in groups])
    owners = np.full(len(embeddings), -1)
    for number, group in enumerate(groups):
        owners[group] = number
    for index in np.flatnonzero(owners < 0):
        owners[index] = _nearest(embeddings[index], centroids, similarity)
    found = [np.flatnonzero(owners == number) for number in range(len(groups))]
    order = sorted(range(len(found)), key=lambda number: (-lengths[found[number]].sum(), number))
    return [
        Voice(
            speaker_id=f"speaker_{rank}",
            centroid=_centroid(embeddings[found[number]], lengths[found[number]]),
            speech_seconds=float(lengths[found[number]].sum()),
            members=found[number].tolist(),
        )
        for rank, number in enumerate(order, start=1)
    ]


def choose_target(
    voices: Sequence[Voice], reference: Vectors | None, similarity: float
) -> Voice | None:
    """Returns the voice most like the reference, if alike; without reference the first one."""
    if reference is None or not voices:
        return voices[0] if voices else None
    closest = max(voices, key=lambda voice: float(voice.centroid @ reference))
    return closest if float(closest.centroid @ reference) >= similarity else None


def _seeds(lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    reliable = np.flatnonzero(lengths >= RELIABLE_SECONDS)
    if len(reliable) == 0:
        reliable = np.arange(len(lengths))
    if len(reliable) <= MAX_CLUSTERED:
        return reliable
    return reliable[np.linspace(0, len(reliable) - 1, MAX_CLUSTERED).astype(np.int64)]


def _clustered(embeddings: Vectors, similarity: float) -> NDArray[np.int64]:
    if len(embeddings) == 1:
        return np.ones(1, np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(embeddings.astype(np.float64), method="average", metric="cosine")
    return np.asarray(fcluster(tree, 1 - similarity, criterion="distance"), np.int64)


def _centroid(embeddings: Vectors, lengths: NDArray[np.float64]) -> Vectors:
    mean = lengths @ embeddings
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


def _nearest(embedding: Vectors, centroids: Vectors, similarity: float) -> int:
    similarities = centroids @ embedding
    best = int(np.argmax(similarities))
    others = np.delete(similarities, best)
    margin = similarities[best] - others.max() if len(others) else 0.0
    clear = margin >= CLEAR_MARGIN and similarities[best] >= FLOOR_RATIO * similarity
    return best if similarities[best] >= similarity or clear else -1
