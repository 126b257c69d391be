"""Which runs have been kept for long enough; pure."""

from dataclasses import dataclass
from datetime import datetime

from services.pipeline.run_model import Run, State

__all__ = ["Expiry", "KeptRun", "has_expired"]


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run as it was read."""

    run: Run
    revision: int
    """Removing it removes exactly this: whoever goes on with the run meanwhile keeps it."""


def has_expired(run: Run, cutoff: datetime) -> bool:
    """True for a run that ended before `cutoff`."""
    is_over = run.state is not State.RUNNING
    return is_over and run.end_time is not None and run.end_time < cutoff


class Expiry:
    """Looks at old runs one after another, in any order, and says which may go.

    Of each voice the last successful one stays, because drops add to it: of the old ones, which
    may be one more than is needed while a younger one is there. It goes when that one is old.
    """

    def __init__(self, cutoff: datetime) -> None:
        """Lets go what ended before `cutoff`; remembers one run a voice."""
        self._cutoff = cutoff
        self._last: dict[str, KeptRun] = {}

    def look(self, kept: KeptRun) -> KeptRun | None:
        """Returns the run that may go, now that `kept` is known as well."""
        run = kept.run
        if not has_expired(run, self._cutoff):
            return None
        if run.state is not State.SUCCEEDED:
            return kept
        last = self._last.get(run.voice)
        if last and run.run_id < last.run.run_id:
            return kept
        self._last[run.voice] = kept
        return last
