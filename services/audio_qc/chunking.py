"""Chunking: speech is cut into clips at its longest pauses; every sample is accounted for."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

LOST_SECOND_COST = 100.0
"""Losing speech is far worse than cutting at a bad place."""
SHORTEST_PAUSE_SECONDS = 0.02

QuietestIn = Callable[[int, int], int]
"""Gives the quietest sample inside a range of samples."""


@dataclass(frozen=True, slots=True)
class Range:
    """A range of samples: `start` is in it, `end` is one past it."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """The number of samples."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Limits:
    """How long clips may be, and how they are cut; all in samples."""

    min_clip: int
    max_clip: int
    max_pause: int
    """Speech is not joined over longer pauses."""
    pad: int
    """How much of the pause around it a clip keeps, at most; never more than half of it."""
    sample_rate_hertz: int


def chunk(
    speech: Sequence[Range],
    sample_count: int,
    limits: Limits,
    *,
    fences: Sequence[int] = (),
    quietest_in: QuietestIn,
) -> list[Range]:
    """Returns the clips, in order, apart from each other and none longer than the limit.

    `speech` holds ranges of speech in order. A clip never contains a fence (a change of speaker).
    Speech longer than a clip may be is cut at its quietest points. Neighbours are joined as far
    as they fit, cut at the longest pauses, so that as little as possible ends up in clips below
    the minimum; those are returned as well, for the caller to reject.
    """
    pieces = _divided(_fenced(speech, fences), limits, quietest_in)
    padded = _padded(pieces, sample_count, limits.pad)
    barred = _barred(pieces, sorted(fences), limits.max_pause)
    return [
        Range(padded[first].start, padded[last].end)
        for first, last in _grouped(pieces, padded, barred, limits)
    ]


def gaps_between(clips: Sequence[Range], sample_count: int) -> list[Range]:
    """Returns what lies between the clips: together they cover every sample exactly once."""
    starts = [0, *(clip.end for clip in clips)]
    ends = [*(clip.start for clip in clips), sample_count]
    return [Range(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _fenced(speech: Sequence[Range], fences: Sequence[int]) -> list[Range]:
    pieces = []
    ordered = sorted(set(fences))
    for piece in speech:
        inner = ordered[bisect_right(ordered, piece.start) : bisect_left(ordered, piece.end)]
        bounds = [piece.start, *inner, piece.end]
        pieces += [Range(start, end) for start, end in pairwise(bounds)]
    return pieces


def _divided(pieces: Sequence[Range], limits: Limits, quietest_in: QuietestIn) -> list[Range]:
    """Cuts pieces that no clip can hold, at the quietest point of their middle half."""
    found: list[Range] = []
    waiting = list(reversed(pieces))
    while waiting:
        piece = waiting.pop()
        if piece.length <= max(2, limits.max_clip - 2 * limits.pad):
            found.append(piece)
            continue
        quarter = piece.length // 4
        cut = quietest_in(piece.start + quarter, piece.end - quarter)
        cut = min(max(cut, piece.start + 1), piece.end - 1)
        waiting += [Range(cut, piece.end), Range(piece.start, cut)]
    return found


def _padded(pieces: Sequence[Range], sample_count: int, pad: int) -> list[Range]:
    """Gives each piece some of the pauses around it, at most half of each."""
    found = []
    for index, piece in enumerate(pieces):
        before = pieces[index - 1].end if index else -piece.start
        after = pieces[index + 1].start if index + 1 < len(pieces) else 2 * sample_count - piece.end
        lead = min(pad, (piece.start - before) // 2)
        tail = min(pad, (after - piece.end) // 2)
        found.append(Range(piece.start - lead, piece.end + tail))
    return found


def _barred(pieces: Sequence[Range], fences: Sequence[int], max_pause: int) -> list[bool]:
    """Says for each piece but the first whether it must not be joined with the one before."""
    barred, position = [], 0
    for left, right in pairwise(pieces):
        while position < len(fences) and fences[position] < left.end:
            position += 1
        fenced = position < len(fences) and fences[position] <= right.start
        barred.append(fenced or right.start - left.end > max_pause)
    return barred


def _grouped(
    pieces: Sequence[Range], padded: Sequence[Range], barred: Sequence[bool], limits: Limits
) -> list[tuple[int, int]]:
    """Chooses the groups of neighbours by dynamic programming over where the last one begins."""
    rate = limits.sample_rate_hertz
    best = [0.0] + [math.inf] * len(pieces)
    begins = [0] * (len(pieces) + 1)
    for end in range(1, len(pieces) + 1):
        for begin in range(end - 1, -1, -1):
            length = padded[end - 1].end - padded[begin].start
            alone = begin == end - 1
            if not alone and (length > limits.max_clip or barred[begin]):
                break
            lost = LOST_SECOND_COST * length / rate if length < limits.min_clip else 0.0
            pause = (pieces[begin].start - pieces[begin - 1].end) / rate if begin else math.inf
            cut = 1 / max(pause, SHORTEST_PAUSE_SECONDS)
            if best[begin] + lost + cut < best[end]:
                best[end], begins[end] = best[begin] + lost + cut, begin
    groups: list[tuple[int, int]] = []
    end = len(pieces)
    while end:
        groups.append((begins[end], end - 1))
        end = begins[end]
    return groups[::-1]
