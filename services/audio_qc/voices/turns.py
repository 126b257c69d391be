"""Taking turns: where one speaker follows another, and where two speak at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MIN_TURN_FRAMES = 15
"""A quarter of a second: shorter turns are mistakes of the model more often than words."""
NOBODY, TOGETHER = 0, 4
"""Class 0 is nobody, 1 to 3 one speaker, from 4 on pairs of speakers."""

Posteriors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one speaker is heard alone, in frames of a window."""

    speaker: int
    start: int
    end: int


def overlapped(posteriors: Posteriors) -> NDArray[np.bool_]:
    """Says per frame whether two speak at once."""
    return np.asarray(posteriors.argmax(axis=1) >= TOGETHER)


def turns_in(posteriors: Posteriors) -> list[Turn]:
    """Returns the turns in a window, pauses inside a turn included, in order."""
    classes = posteriors.argmax(axis=1)
    edges = np.flatnonzero(np.diff(classes)) + 1
    bounds = [0, *edges.tolist(), len(classes)]
    runs = [
        Turn(int(classes[start]), start, end)
        for start, end in pairwise(bounds)
        if NOBODY < classes[start] < TOGETHER
    ]
    long_enough = [run for run in _joined(runs) if run.end - run.start >= MIN_TURN_FRAMES]
    return _joined(long_enough)


def _joined(runs: Sequence[Turn]) -> list[Turn]:
    """Joins neighbours of the same speaker."""
    turns: list[Turn] = []
    for run in runs:
        if turns and turns[-1].speaker == run.speaker:
            run = Turn(run.speaker, turns.pop().start, run.end)  # noqa: PLW2901 - it grows
        turns.append(run)
    return turns
