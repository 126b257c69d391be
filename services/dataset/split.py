"""Which kept clips train and which validate."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from services.dataset.candidate import Candidate

GROUP_SECONDS = 60.0
"""Clips of one minute of a recording share room, mood and words, so they stay together."""
MIN_FACTOR, MAX_FACTOR = 0.5, 2.0
"""In small datasets chance is helped: validation takes between these times what was asked for."""


def validation_clips(kept: Sequence[Candidate], ratio: float) -> frozenset[str]:
    """Returns the ids of the clips held out for validation, about `ratio` of the seconds.

    Whole minutes of a recording are held out when the hash of (recording's SHA-256, minute) falls
    below `ratio`, so a clip of a large dataset stays on its side when recordings are added. When
    that gives far too little or too much, minutes are added or dropped in the order of their
    hashes. There is always some validation and always some training, as long as there are two
    clips; a dataset of a single minute is split by clips.
    """
    groups = _groups(kept)
    if len(groups) < 2:  # noqa: PLR2004 - one group cannot be on both sides
        groups = {candidate.pcm_sha256: [candidate] for candidate in kept}
    if len(groups) < 2:  # noqa: PLR2004
        return frozenset()
    ordered = sorted(groups, key=_position)
    wanted = ratio * _seconds(kept)
    chosen = [name for name in ordered[:-1] if _position(name) < ratio]

    def held_out() -> float:
        return sum(_seconds(groups[name]) for name in chosen)

    while len(chosen) > 1 and held_out() > MAX_FACTOR * wanted:
        chosen.pop()
    while not chosen or (len(chosen) < len(ordered) - 1 and held_out() < MIN_FACTOR * wanted):
        chosen.append(ordered[len(chosen)])
    return frozenset(candidate.clip_id for name in chosen for candidate in groups[name])


def _groups(kept: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in kept:
        minute = int(candidate.start_seconds // GROUP_SECONDS)
        groups[f"{candidate.recording_id}/{minute}"].append(candidate)
    return groups


def _position(name: str) -> float:
    """Maps a name to [0, 1), evenly and for ever the same."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64


def _seconds(candidates: Sequence[Candidate]) -> float:
    return sum(candidate.duration_seconds for candidate in candidates)
