"""Discord's ids: the time since 2015 in milliseconds, and a running number."""

import itertools
import time
from datetime import UTC, datetime

_EPOCH_SECONDS = 1_420_070_400


class Snowflakes:
    """Gives ids that grow."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.seconds_ago = 0.0
        """How old what gets an id is, by the id."""

    def next(self) -> int:
        """Returns an id that is greater than all before, if nothing is older than those."""
        milliseconds = int((time.time() - self.seconds_ago - _EPOCH_SECONDS) * 1000)
        return (milliseconds << 22) | (next(self._numbers) & 0x3FFFFF)


def written_time() -> str:
    """Returns now as Discord writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
