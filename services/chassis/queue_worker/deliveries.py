"""One request as a worker holds it, and where such requests come from."""

from collections.abc import Mapping
from typing import Protocol

from google.protobuf.message import Message

from services.chassis.bus import StepContext
from services.chassis.queue_worker.settling import Failure


class QueuedRequest(Protocol):
    """What lies on a queue."""

    @property
    def method(self) -> str:
        """The RPC method that is asked for."""

    @property
    def data(self) -> bytes:
        """The serialised request."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What came beside it."""

    @property
    def context(self) -> StepContext | None:
        """The step it belongs to; None when the headers are broken."""

    @property
    def delivery_count(self) -> int:
        """How often it was delivered, this time included."""


class Delivery(QueuedRequest, Protocol):
    """A request that this worker has to settle. Settling raises UnavailableError."""

    async def ack(self) -> None:
        """It is done: remove it from the queue."""

    async def nak(self, delay_seconds: float = 0.0) -> None:
        """It is not done: deliver it again after the delay."""

    async def term(self) -> None:
        """It will never be done: remove it from the queue."""

    async def in_progress(self) -> None:
        """It is being worked on: restart the time in which it must be settled."""


class WorkSource(Protocol):
    """The queues that a worker serves."""

    async def next(self) -> Delivery:
        """Waits for the next request of any queue, turn about. Take only what you can start.

        Cancelling the wait loses no request.
        """


class DeadLetterBox(Protocol):
    """Where requests are kept, whole, that were given up."""

    async def bury(self, request: QueuedRequest, failure: Failure) -> None:
        """Keeps the request with the reason, so that a person can look and send it again."""


class FailureCounts(Protocol):
    """How often each attempt at a step raised, whichever worker it was."""

    async def add(self, context: StepContext) -> int:
        """Counts one more and returns the count."""


class ProgressBoard(Protocol):
    """Where progress is shown to whoever looks; nothing is kept."""

    async def announce_progress(self, run_id: str, progress: Message) -> None:
        """Shows `progress` of one step of a run; quietly does nothing when that cannot be done."""
