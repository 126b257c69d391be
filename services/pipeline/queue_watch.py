"""What the queues tell about work that was lost and work that nobody does; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.pipeline.run_model import StepRef

__all__ = ["QueueLength", "QueueNews", "QueueWatch"]

SERVICES = {
    "media": "media",
    "audio_qc": "audio-qc",
    "transcription": "transcription",
    "dataset": "dataset",
}


@dataclass(frozen=True, slots=True)
class QueueLength:
    """How much is on the queue of one method."""

    request_count: int
    """Requests that wait or that a worker has."""
    has_worker: bool


@dataclass(frozen=True, slots=True)
class QueueNews:
    """What somebody must do about the queues."""

    lost: tuple[StepRef, ...] = ()
    """Steps to put on the queue again."""
    unserved: Mapping[str, str] = field(default_factory=dict)
    """Method -> one sentence for people."""


class QueueWatch:
    """Compares what runs wait for with what is on the queues.

    A request leaves its queue when its worker is done with it. Fewer requests than steps, and
    that for longer than a fact needs to get here, means that a request was lost.
    """

    def __init__(self, *, lost_after_seconds: float, unserved_after_seconds: float) -> None:
        """Says nothing of what does not last."""
        self._lost_after = timedelta(seconds=lost_after_seconds)
        self._unserved_after = timedelta(seconds=unserved_after_seconds)
        self._short_since: dict[str, datetime] = {}
        self._unserved_since: dict[str, datetime] = {}

    def look(
        self,
        awaited: Mapping[str, Sequence[StepRef]],
        queues: Mapping[str, QueueLength],
        begun: frozenset[StepRef],
        now: datetime,
    ) -> QueueNews:
        """Returns the news; `awaited` is what runs wait for by method, `begun` what is heard of.

        Steps that a worker reported on are queued again only when there are no others to blame.
        """
        short = {it for it, steps in awaited.items() if queues[it].request_count < len(steps)}
        unserved = {it for it in awaited if queues[it].request_count and not queues[it].has_worker}
        lost: list[StepRef] = []
        for method in _lasting(self._short_since, short, self._lost_after, now):
            silent = [step for step in awaited[method] if step not in begun]
            lost += silent or awaited[method]
        lasting = _lasting(self._unserved_since, unserved, self._unserved_after, now)
        return QueueNews(tuple(lost), {method: _advice(method) for method in lasting})


def _lasting(
    since: dict[str, datetime], present: set[str], patience: timedelta, now: datetime
) -> list[str]:
    for gone in since.keys() - present:
        del since[gone]
    for method in present:
        since.setdefault(method, now)
    return sorted(method for method in present if now - since[method] >= patience)


def _advice(method: str) -> str:
    service = SERVICES.get(method.split(".")[1], "missing")
    return f"No worker serves {method.rpartition('.')[2]}: start the {service} service."
