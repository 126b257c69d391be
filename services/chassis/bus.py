"""What services say to each other: facts as events, work as requests on queues."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.message import Message

from services.chassis.key_value import Entry, KeyValue

__all__ = [
    "Bus",
    "Entry",
    "EventHandler",
    "KeyValue",
    "ProgressHandler",
    "QueueState",
    "StepContext",
    "Subscriber",
    "Subscription",
    "WorkQueue",
    "subject_of",
]


@dataclass(frozen=True, slots=True)
class StepContext:
    """Which step of which run a request or an event belongs to; it travels in headers."""

    run_id: str
    step_id: str
    attempt: int
    """1 for the first try of the step; a retry asked for by a person gets the next number."""
    traceparent: str = ""
    """W3C trace context, or empty."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """How busy the queue of one method is."""

    pending_count: int
    """Requests that wait for a worker."""
    in_flight_count: int
    """Requests that a worker has, or that wait for another try."""
    waiting_worker_count: int
    """Idle workers that ask for a request right now."""
    has_worker: bool = True
    """False when no running worker serves this method: nothing will move until one is started."""


EventHandler = Callable[[Any, StepContext | None], Awaitable[None]]
ProgressHandler = Callable[[bytes], Awaitable[None]]


class Bus(Protocol):
    """Where facts are announced. They are kept for days and heard at least once."""

    async def publish(
        self, event: Message, *, context: StepContext | None = None, message_id: str = ""
    ) -> None:
        """Returns once `event` is stored; its subject is its full name.

        The same `message_id` (by default made from the context and the event's name) within two
        minutes is stored once. Raises UnavailableError when it was not stored.
        """


class WorkQueue(Protocol):
    """Where work is asked for: one queue per RPC method, shared by its workers."""

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        """Queues `request` for `method`, such as `ttstrainer.media.v1.MediaService.ProbeMedia`.

        The same run, step and attempt within two minutes is queued once. Raises OverloadedError
        when the queue is full and UnavailableError when the request was not stored.
        """

    async def cancel(self, run_id: str) -> None:
        """Removes what the run has queued and stops what its workers are doing."""

    async def backlog(self, method: str) -> QueueState:
        """Returns how busy the queue of `method` is."""


class Subscription(Protocol):
    """A running subscription."""

    async def stop(self) -> None:
        """Ends it; what was not handled is delivered again to the next subscriber."""


class Subscriber(Protocol):
    """Where facts are heard."""

    async def subscribe(
        self, durable: str, events: Sequence[type[Message]], handler: EventHandler
    ) -> Subscription:
        """Hands every event of these types to `handler`, from now on and in the background.

        `durable` names a place in the stream that survives restarts; subscribers with the same
        name share the events. An event counts as heard when `handler` returns; when it raises,
        the event comes again, later and later. Handlers must be idempotent.
        """

    async def watch_progress(self, handler: ProgressHandler) -> Subscription:
        """Hands serialised progress messages of all runs to `handler`; some may be lost."""


def subject_of(event: Message | type[Message]) -> str:
    """Returns the subject of an event, which is its full name."""
    return event.DESCRIPTOR.full_name
