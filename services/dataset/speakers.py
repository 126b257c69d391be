"""One voice across recordings: each recording named its main speaker, but is it the same person?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Voice:
    """The main speaker of one recording."""

    embedding: tuple[float, ...]
    """The centroid of the speaker's clips, of unit length; empty when unknown."""
    speech_seconds: float
    """How much of it there is."""


def strangers(voices: Mapping[str, Voice], min_similarity: float) -> dict[str, float]:
    """Returns the recordings whose main speaker is not the run's, with the cosine similarity.

    `voices` maps recording ids to their main speakers. The run's speaker is the one most speech
    agrees with: the recording whose embedding has the most seconds within `min_similarity` of it.
    Recordings without an embedding are never strangers.
    """
    known = sorted(key for key, voice in voices.items() if voice.embedding)
    if len(known) < 2:  # noqa: PLR2004 - one voice cannot disagree with itself
        return {}
    matrix = _unit_rows([voices[key].embedding for key in known])
    seconds = np.array([voices[key].speech_seconds for key in known])
    similarity = matrix @ matrix.T
    support = (similarity >= min_similarity) @ seconds
    centre = int(np.argmax(support))
    members = similarity[centre] >= min_similarity
    centroid = (matrix[members] * seconds[members, None]).sum(axis=0)
    norm = float(np.linalg.norm(centroid))
    agreement = matrix @ (centroid / norm) if norm else similarity[centre]
    return {
        key: float(agreement[row])
        for row, key in enumerate(known)
        if agreement[row] < min_similarity
    }


def _unit_rows(embeddings: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    matrix = np.asarray(embeddings, dtype=np.float64)
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(norms == 0, 1, norms), dtype=np.float64)
