"""What a guild decided about its queue and about when the bot leaves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaybackRules:
    """How a guild wants it."""

    queue_limit: int = 50
    """How many items may wait."""
    queue_limit_per_user: int = 10
    """How many of one user."""
    idle_leave_seconds: float = 300.0
    """How long the bot stays in a channel without a word; 0 for ever."""
    empty_leave_seconds: float = 10.0
    """How long it stays where nobody listens; 0 for ever."""
    speaks_faster: bool = True
    """Whether it hurries while many wait."""
