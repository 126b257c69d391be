"""Keeps the bot from answering a flood with a flood."""

from collections import OrderedDict
from collections.abc import Callable

QUIET_SECONDS = 15.0
"""So long somebody is told nothing more."""
MOST_REMEMBERED = 10_000


class Floods:
    """Remembers who was told a moment ago what need not be told again at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Asks `clock` for seconds that never go back."""
        self._clock = clock
        self._told: OrderedDict[int, float] = OrderedDict()

    def may_tell(self, told_id: int) -> bool:
        """Says whether a person, or a channel, may be told now, and takes it that they are."""
        now = self._clock()
        if now - self._told.get(told_id, float("-inf")) < QUIET_SECONDS:
            return False
        self._told[told_id] = now
        self._told.move_to_end(told_id)
        if len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
        return True
