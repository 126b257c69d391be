"""How a stream is cut, paused and bounded, and when it may look ahead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stream is cut, paused and bounded."""

    max_chunk_seconds: float = 0.25
    min_lead_seconds: float = 2.0
    """Somebody listens: only with so much in hand is a sentence made beside the one they hear."""
    max_lead_seconds: float = 10.0
    sentence_pause_seconds: float = 0.2
    max_sentence_seconds: float = 60.0
    max_audio_seconds: float = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream has come."""

    unread_seconds: float
    """Put out, and not taken by the reader."""
    lead_seconds: float
    """Put out, and not heard yet by who listens since the first audio."""
    remaining_seconds: float
    """Until the audio has its longest length."""
    ahead_count: int = 0
    """How many sentences were begun beside the one that is put out now."""
    ahead_seconds: float = 0.0
    """What is made of them."""


def may_look_ahead(pace: Pace, progress: Progress, slot_count: int, *, is_heard: bool) -> bool:
    """Says whether a stream may begin one more sentence before its time, in a slot to spare.

    Where it is heard as it is made it is one, and not before the listener has something in hand:
    to make two at once slows the first. Elsewhere it is as many as there are slots, while what
    waits in memory is within what each of them may be ahead. A sentence that might not fit in
    whole is not begun: how long it may be is known when its time has come.
    """
    if progress.unread_seconds > pace.max_lead_seconds:
        return False
    longest_seconds = pace.max_sentence_seconds + pace.sentence_pause_seconds
    sentence_count = 1 + progress.ahead_count + 1  # the one put out now, and the one to begin
    if progress.remaining_seconds < sentence_count * longest_seconds:
        return False
    if is_heard:
        return progress.ahead_count == 0 and progress.lead_seconds >= pace.min_lead_seconds
    return progress.ahead_seconds <= pace.max_lead_seconds * slot_count
