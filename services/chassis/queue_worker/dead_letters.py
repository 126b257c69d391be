"""Requests that were given up: kept whole, with the reason, and announced as failed."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError
from prometheus_client import Counter

from services.chassis.bus import Bus, StepContext
from services.chassis.errors import ServiceError
from services.chassis.messaging.nats_errors import translated_nats_errors
from services.chassis.messaging.publishing import publish_stored
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.step_headers import MESSAGE_ID, context_in, message_id_of
from services.chassis.messaging.streams import ADVISORIES, DEAD, DEAD_SUBJECTS, WORK, WORK_SUBJECTS
from services.chassis.queue_worker.deliveries import QueuedRequest
from services.chassis.queue_worker.settling import Failure, failure_of_lost
from services.chassis.queue_worker.step_runner import failed_event
from services.chassis.work import StepEvents

REASON = "Ttstrainer-Failure"
DELIVERIES = "Ttstrainer-Deliveries"
UNKNOWN_RUN = "unknown"
DURABLE = "dead-letters"
WAIT_SECONDS = 3.0
RETRY_SECONDS = 1.0
ACK_WAIT_SECONDS = 30.0

BURIED = Counter(
    "ttstrainer_dead_letters", "Requests that were given up, by reason.", ["method", "reason"]
)

log = structlog.get_logger()


class JetStreamDeadLetterBox:
    """DeadLetterBox in the DEAD stream, under `dead.<method>.<run_id>`."""

    def __init__(self, jetstream: JetStreamContext) -> None:
        """Uses a connection that stays open."""
        self._jetstream = jetstream

    async def bury(self, request: QueuedRequest, failure: Failure) -> None:
        """See DeadLetterBox."""
        run_id = request.context.run_id if request.context else UNKNOWN_RUN
        subject = f"{DEAD_SUBJECTS}{request.method}.{run_id}"
        headers = {**request.headers, **_dead_headers(request, failure)}
        await publish_stored(self._jetstream, subject, request.data, stream=DEAD, headers=headers)
        BURIED.labels(request.method, failure.reason).inc()
        log.error("step.buried", subject=subject, reason=failure.reason)


@dataclass(frozen=True)
class _LostRequest:
    method: str
    data: bytes
    headers: Mapping[str, str]
    context: StepContext | None
    delivery_count: int


class LostSteps:
    """Finds the requests that the server stopped delivering, and gives them their end.

    After the last allowed delivery a request stays in WORK for ever and only an advisory tells,
    when the next worker asks; it is a request whose workers were all killed, or never settled it.
    """

    def __init__(
        self, connection: Client, jetstream: JetStreamContext, bus: Bus, events: StepEvents
    ) -> None:
        """Uses a connection that stays open."""
        self._jetstream = jetstream
        self._bus = bus
        self._events = events
        self._box = JetStreamDeadLetterBox(jetstream)
        self._puller = Puller(connection, ADVISORIES, DURABLE)

    async def run(self) -> None:
        """Works until cancelled; replicas share the advisories among them."""
        while True:
            try:
                await self._ensure_consumer()
                while True:
                    if advisory := await self._puller.next(WAIT_SECONDS):
                        await self._heed(advisory)
            except ServiceError as error:
                log.warning("dead_letters.unavailable", reason=error.reason)
            except Exception:
                log.exception("dead_letters.failed")
            await asyncio.sleep(RETRY_SECONDS)

    async def _heed(self, advisory: Msg) -> None:
        with translated_nats_errors():
            try:
                await self._end(json.loads(advisory.data))
            except ServiceError:
                await advisory.nak(RETRY_SECONDS)
                raise
            await advisory.ack()

    async def _end(self, advisory: Mapping[str, Any]) -> None:
        sequence: int = advisory["stream_seq"]
        with translated_nats_errors():
            try:
                found = await self._jetstream.get_msg(WORK, sequence)
            except NotFoundError:
                return
        method, _, _ = str(found.subject).removeprefix(WORK_SUBJECTS).rpartition(".")
        headers = found.headers or {}
        lost = _LostRequest(
            method, found.data or b"", headers, context_in(headers), advisory["deliveries"]
        )
        failure = failure_of_lost(method, lost.delivery_count)
        await self._box.bury(lost, failure)
        if lost.context:
            event = failed_event(self._events, method, lost.context, failure)
            await self._bus.publish(event, context=lost.context)
        with translated_nats_errors():
            await self._jetstream.delete_msg(WORK, sequence)

    async def _ensure_consumer(self) -> None:
        config = ConsumerConfig(
            name=DURABLE,
            durable_name=DURABLE,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
        )
        with translated_nats_errors():
            await self._jetstream.add_consumer(ADVISORIES, config)


def _dead_headers(request: QueuedRequest, failure: Failure) -> dict[str, str]:
    """Returns the reason in one line of ASCII, and an id unlike the one of the request itself."""
    headers = {REASON: json.dumps(asdict(failure)), DELIVERIES: str(request.delivery_count)}
    if request.context:
        headers[MESSAGE_ID] = message_id_of(request.context, "dead")
    return headers
