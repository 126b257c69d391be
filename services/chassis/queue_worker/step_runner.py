"""From a delivery to its settlement: runs the use case, publishes the fact, then acknowledges."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog
from google.protobuf.message import DecodeError, Message
from prometheus_client import Counter, Gauge

from services.chassis.beside import running_beside
from services.chassis.bus import Bus, StepContext
from services.chassis.errors import OverloadedError, ServiceError, UnavailableError
from services.chassis.process.full_disk import full_disk_in
from services.chassis.queue_worker.deliveries import (
    DeadLetterBox,
    Delivery,
    FailureCounts,
    ProgressBoard,
)
from services.chassis.queue_worker.running_step import RunningStep
from services.chassis.queue_worker.settling import (
    Failure,
    Fate,
    MalformedRequestError,
    RetryPolicy,
    Settlement,
    is_counted,
    settlement_of,
)
from services.chassis.queue_worker.step_progress import StepProgress
from services.chassis.steps import count_from_zero
from services.chassis.work import StepEvents, WorkHandler

IN_FLIGHT = Gauge("ttstrainer_steps_in_flight", "Requests being worked on.", ["method"])
SETTLED = Counter(
    "ttstrainer_work_settled", "Deliveries, by what became of them.", ["method", "outcome"]
)

log = structlog.get_logger()


class Show(Protocol):
    """Announces how a step is getting on."""

    async def __call__(self, fraction: float, trouble: str = "") -> None:
        """Tells the fraction done, or why the step was put back."""


@dataclass(frozen=True)
class StepTerms:
    """How long a step may take, how often it is tried, and how soon a silent worker is missed."""

    retries: RetryPolicy
    step_timeout_seconds: float
    ack_wait_seconds: float


class StepRunner:
    """Knows the use cases of a service and what they report to."""

    def __init__(
        self,
        handlers: Mapping[str, WorkHandler],
        events: StepEvents,
        terms: StepTerms,
        *,
        bus: Bus,
        progress_board: ProgressBoard,
        failure_counts: FailureCounts,
        dead_letters: DeadLetterBox,
    ) -> None:
        """Takes the handlers by method."""
        self._handlers = handlers
        for method in handlers:
            count_from_zero(method)
            IN_FLIGHT.labels(method)
            for fate in Fate:
                SETTLED.labels(method, fate)
        self._events = events
        self._terms = terms
        self._bus = bus
        self._progress_board = progress_board
        self._failure_counts = failure_counts
        self._dead_letters = dead_letters

    async def run(self, delivery: Delivery, running: RunningStep) -> None:
        """Settles one delivery, whatever happens; `running` lets others stop it.

        When even settling fails, because the server is full or away, the delivery comes again
        later; of an absent one once its time to be settled is over.
        """
        with IN_FLIGHT.labels(delivery.method).track_inprogress():
            async with running_beside(self._heartbeat(delivery)):
                settlement = await self._attempt(delivery, running)
                try:
                    await self._carry_out(settlement, delivery)
                except (OverloadedError, UnavailableError) as error:
                    log.warning("step.unsettled", reason=error.reason, **_ids(delivery))
                    with suppress(UnavailableError):
                        await delivery.nak(
                            self._terms.retries.delay_seconds(delivery.delivery_count)
                        )
        SETTLED.labels(delivery.method, settlement.fate).inc()

    async def _attempt(self, delivery: Delivery, running: RunningStep) -> Settlement:
        try:
            await self._work(delivery, running)
        except Exception as error:  # noqa: BLE001 - every error has its settlement
            return await self._settlement_of(full_disk_in(error) or error, delivery)
        return Settlement(Fate.DONE)

    async def _work(self, delivery: Delivery, running: RunningStep) -> None:
        """Runs the use case and tells of its result; both stop when `running` is stopped."""
        handler = self._handlers[delivery.method]
        context = delivery.context
        if context is None:
            raise MalformedRequestError
        try:
            request = handler.request_type.FromString(delivery.data)
        except DecodeError:
            raise MalformedRequestError from None
        progress = StepProgress()

        async def worked() -> None:
            event = await handler.handle(request, progress)
            # Inside, too: a server that is away must not hold up a drain.
            await self._bus.publish(event, context=context)

        async with running_beside(progress.shown(self._show(delivery.method, context))):
            await running.result_of(worked(), self._terms.step_timeout_seconds)

    async def _settlement_of(self, error: Exception, delivery: Delivery) -> Settlement:
        failure_count = 0
        if is_counted(error) and delivery.context:
            log.error("step.raised", exc_info=error, **_ids(delivery))
            with suppress(ServiceError):  # a count is lost when the server is away: no harm
                failure_count = await self._failure_counts.add(delivery.context)
        return settlement_of(
            error,
            self._terms.retries,
            delivery_count=delivery.delivery_count,
            failure_count=failure_count,
        )

    async def _carry_out(self, settlement: Settlement, delivery: Delivery) -> None:
        fate, failure = settlement.fate, settlement.failure
        reason = failure.reason if failure else ""
        log.info("step.settled", outcome=fate.value, reason=reason, **_ids(delivery))
        if fate is Fate.BURIED and failure:
            await self._dead_letters.bury(delivery, failure)
        if fate in {Fate.BURIED, Fate.REFUSED} and failure and delivery.context:
            await self._bus.publish(
                failed_event(self._events, delivery.method, delivery.context, failure),
                context=delivery.context,
            )
        match fate:
            case Fate.DONE:
                await delivery.ack()
            case Fate.RETRIED | Fate.HANDED_BACK:
                await delivery.nak(settlement.delay_seconds)
                if failure and delivery.context:
                    await self._show(delivery.method, delivery.context)(0.0, failure.message)
            case Fate.REFUSED | Fate.BURIED | Fate.CANCELLED:
                await delivery.term()

    async def _heartbeat(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._terms.ack_wait_seconds / 3)
            with suppress(UnavailableError):
                await delivery.in_progress()

    def _show(self, method: str, context: StepContext) -> Show:
        async def show(fraction: float, trouble: str = "") -> None:
            message = self._events.progressed(
                run_id=context.run_id,
                step_id=context.step_id,
                method=method,
                attempt=context.attempt,
                fraction=fraction,
                trouble=trouble,
            )
            await self._progress_board.announce_progress(context.run_id, message)

        return show


def failed_event(
    events: StepEvents, method: str, context: StepContext, failure: Failure
) -> Message:
    """Returns the event that tells of a step that was given up."""
    return events.failed(
        run_id=context.run_id,
        step_id=context.step_id,
        method=method,
        attempt=context.attempt,
        code=failure.code,
        reason=failure.reason,
        message=failure.message,
        retryable=failure.retryable,
    )


def _ids(delivery: Delivery) -> dict[str, object]:
    context = delivery.context
    return {
        "method": delivery.method,
        "run_id": context.run_id if context else "",
        "step_id": context.step_id if context else "",
        "attempt": context.attempt if context else 0,
        "delivery": delivery.delivery_count,
    }
