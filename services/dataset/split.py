"""Which kept clips train and which validate."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from services.dataset.candidate import Candidate

GROUP_SECONDS = 60.0
"""Clips of one minute of a recording share room, mood and words, so they stay together."""
MAX_EXCESS = 2.0
"""Validation takes at most this many times what was asked for."""


def validation_clips(kept: Sequence[Candidate], ratio: float) -> frozenset[str]:
    """Returns the ids of the clips held out for validation, about `ratio` of the seconds.

    Whole minutes of a recording are held out when the hash of (recording's SHA-256, minute) falls
    below `ratio`, so a clip stays on its side when recordings are added. There is always some
    validation and always some training, as long as there are two clips: the minute of the
    smallest hash is held out when none qualifies. A dataset of a single minute is split by clips.
    """
    groups = _groups(kept)
    if len(groups) < 2:  # noqa: PLR2004 - one group cannot be on both sides
        groups = {candidate.pcm_sha256: [candidate] for candidate in kept}
    if len(groups) < 2:  # noqa: PLR2004
        return frozenset()
    ordered = sorted(groups, key=_position)
    chosen = [name for name in ordered if _position(name) < ratio] or ordered[:1]
    chosen = chosen[: len(ordered) - 1]
    limit = MAX_EXCESS * ratio * sum(candidate.duration_seconds for candidate in kept)
    while len(chosen) > 1 and sum(_seconds(groups[name]) for name in chosen) > limit:
        chosen.pop()
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
