"""How long runs have gone without any news; pure."""

from collections.abc import Mapping
from datetime import datetime

__all__ = ["Idleness"]


class Idleness:
    """Compares what is known of each run with what was known at the last look."""

    def __init__(self) -> None:
        """Has seen nothing yet."""
        self._seen: dict[str, tuple[object, datetime]] = {}

    def look(self, known: Mapping[str, object], now: datetime) -> float:
        """Returns for how many seconds the run that rests longest has been the same.

        `known` holds, by run, everything that changes when the run gets on.
        """
        before = self._seen
        self._seen = {
            run_id: before[run_id]
            if run_id in before and before[run_id][0] == state
            else (state, now)
            for run_id, state in known.items()
        }
        return max(((now - since).total_seconds() for _, since in self._seen.values()), default=0.0)
