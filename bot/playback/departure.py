"""When there is nothing to stay for in a voice channel."""

from enum import Enum

from bot.playback.rules import PlaybackRules


class Reason(Enum):
    """Why the bot leaves."""

    IDLE = "idle"
    ALONE = "alone"


class Departure:
    """Watches for how long nothing was done, and for how long nobody has listened."""

    def __init__(self, now: float) -> None:
        """Begins at `now`, in seconds of any clock."""
        self._busy_at = now
        self._heard_at = now

    def reason(
        self, now: float, *, is_busy: bool, people_count: int, rules: PlaybackRules
    ) -> Reason | None:
        """Returns why to leave at `now`, if there is a reason."""
        if is_busy:
            self._busy_at = now
        if people_count:
            self._heard_at = now
        if rules.empty_leave_seconds and now - self._heard_at >= rules.empty_leave_seconds:
            return Reason.ALONE
        if rules.idle_leave_seconds and now - self._busy_at >= rules.idle_leave_seconds:
            return Reason.IDLE
        return None
