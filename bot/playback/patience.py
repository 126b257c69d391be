"""How long Discord's voice is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VoicePatience:
    """What is given up after so many seconds, so that nothing waits forever."""

    connect_seconds: float = 10.0
    """A join or a move."""
    recovery_seconds: float = 10.0
    """discord.py's own attempts to come back, before the channel is joined anew."""
    leave_seconds: float = 5.0
    """Discord's word that the bot has left."""
    watch_seconds: float = 1.0
    """How often is looked whether the connection is up and somebody listens."""
