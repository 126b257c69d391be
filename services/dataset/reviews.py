"""What people decided about clips, and how it survives a rebuild."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.dataset.candidate import Candidate, Reason

STAGE = "review"


@dataclass(frozen=True, slots=True)
class Review:
    """A decision on one clip, which holds as long as the clip's samples are the same."""

    pcm_sha256: str
    kept: bool
    text: str
    """The text the reviewer left; empty for a rejected clip."""
    reason: str
    """Why it was rejected, for people."""


def kept_as(candidate: Candidate, text: str) -> Candidate:
    """Returns the clip as a reviewer keeps it, with `text`, whatever the filter said."""
    return replace(candidate, text=text, reasons=(), reviewed=True)


def rejected_for(candidate: Candidate, reason: str) -> Candidate:
    """Returns the clip as a reviewer rejects it."""
    why = Reason(STAGE, "REVIEWED", reason or "A reviewer rejected this clip.")
    return replace(candidate, reasons=(why,), reviewed=True)


def reviews_in(candidates: Iterable[Candidate]) -> dict[str, Review]:
    """Returns the reviews a version holds, by clip id."""
    return {
        c.clip_id: Review(c.pcm_sha256, c.kept, c.text, "" if c.kept else c.reasons[0].message)
        for c in candidates
        if c.reviewed
    }


def with_reviews(candidates: Iterable[Candidate], reviews: Mapping[str, Review]) -> list[Candidate]:
    """Returns the candidates with earlier decisions applied to clips of the same samples."""
    return [_reviewed(candidate, reviews.get(candidate.clip_id)) for candidate in candidates]


def _reviewed(candidate: Candidate, review: Review | None) -> Candidate:
    if review is None or review.pcm_sha256 != candidate.pcm_sha256:
        return candidate
    if review.kept:
        return kept_as(candidate, review.text)
    return rejected_for(candidate, review.reason)
