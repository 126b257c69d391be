"""What stands in for the bus and the queues in a service that runs without NATS."""

from typing import NoReturn

import structlog
from google.protobuf.message import Message

from services.chassis.bus import QueueState, StepContext, subject_of
from services.chassis.errors import UnavailableError

log = structlog.get_logger()


class SilentBus:
    """A Bus that nobody listens to: RPCs work, and what they announce is dropped."""

    async def publish(
        self, event: Message, *, context: StepContext | None = None, message_id: str = ""
    ) -> None:
        """See Bus."""
        _ = context, message_id
        log.debug("event.dropped", subject=subject_of(event))


class AbsentWorkQueue:
    """A WorkQueue that refuses everything and says what to do."""

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        """See WorkQueue."""
        _ = method, request, context
        _refuse()

    async def cancel(self, run_id: str) -> None:
        """See WorkQueue."""
        _ = run_id
        _refuse()

    async def backlog(self, method: str) -> QueueState:
        """See WorkQueue."""
        _ = method
        _refuse()


def _refuse() -> NoReturn:
    message = "This service runs without NATS and cannot queue work: set TTSTRAINER_NATS_URL."
    raise UnavailableError(message, reason="NO_QUEUE")
