"""What is known of running steps in memory alone, and who wants to hear of it."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from services.pipeline.run_model import StepRef

__all__ = ["Live"]

MAX_STEPS = 100_000
"""What is known of more steps than this is forgotten, the oldest first."""

Listener = Callable[[str], None]
"""Called with a recording id, or with an empty text when the run as a whole changed."""


class Live:
    """Progress as workers report it, and what somebody should look at; lost on a restart."""

    def __init__(self) -> None:
        """Starts knowing nothing."""
        self._fractions: OrderedDict[StepRef, float] = OrderedDict()
        self._listeners: dict[str, list[Listener]] = {}
        self._troubles: OrderedDict[StepRef, str] = OrderedDict()
        self._unserved: dict[str, str] = {}

    def progressed(self, step: StepRef, fraction: float) -> None:
        """Remembers how far a worker has come with a step, 0 to 1."""
        self._fractions[step] = max(0.0, min(1.0, fraction))
        self._fractions.move_to_end(step)
        _forget_oldest(self._fractions)
        self._clear(step)
        self._tell(step.run_id, step.recording_id)

    def put_back(self, step: StepRef, trouble: str) -> None:
        """Remembers why a worker put a step back on its queue, a sentence for people."""
        self._fractions.pop(step, None)
        if trouble != self._troubles.get(step):
            self._troubles[step] = trouble
            _forget_oldest(self._troubles)
            self._tell(step.run_id, "")
        self._tell(step.run_id, step.recording_id)

    def has_begun(self, step: StepRef) -> bool:
        """True when a worker was heard of that has this step."""
        return step in self._fractions

    def fraction_of(self, step: StepRef) -> float:
        """Returns how far a step has come; zero when nothing was heard of it."""
        return self._fractions.get(step, 0.0)

    def forget(self, step: StepRef) -> None:
        """Drops what was known of a step that has ended."""
        self._fractions.pop(step, None)
        self._clear(step)

    def troubles_of(self, steps: Iterable[StepRef]) -> list[str]:
        """Returns why any of `steps` are tried again, each reason once."""
        troubles = {(step.stage, why) for step in steps if (why := self._troubles.get(step))}
        return [f"{stage} is tried again: {why}" for stage, why in sorted(troubles)]

    @property
    def unserved(self) -> dict[str, str]:
        """Method -> what to do about its queue, which no worker serves."""
        return self._unserved

    @unserved.setter
    def unserved(self, unserved: dict[str, str]) -> None:
        if unserved == self._unserved:
            return
        self._unserved = unserved
        for run_id in tuple(self._listeners):
            self._tell(run_id, "")

    @contextmanager
    def listening(self, run_id: str, listener: Listener) -> Iterator[None]:
        """Calls `listener` whenever something about the run becomes known here."""
        self._listeners.setdefault(run_id, []).append(listener)
        try:
            yield
        finally:
            self._listeners[run_id].remove(listener)
            if not self._listeners[run_id]:
                del self._listeners[run_id]

    def _clear(self, step: StepRef) -> None:
        if self._troubles.pop(step, ""):
            self._tell(step.run_id, "")

    def _tell(self, run_id: str, recording_id: str) -> None:
        for listener in self._listeners.get(run_id, ()):
            listener(recording_id)


def _forget_oldest(known: OrderedDict[StepRef, Any]) -> None:
    while len(known) > MAX_STEPS:
        known.popitem(last=False)
