"""Serving the work queues for as long as a service lives."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from services.chassis.beside import running_beside
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.jetstream_source import JetStreamWorkSource
from services.chassis.queue_worker.dead_letters import JetStreamDeadLetterBox, LostSteps
from services.chassis.queue_worker.failure_counts import BUCKET, TTL_SECONDS, KeyValueFailureCounts
from services.chassis.queue_worker.settling import RetryPolicy
from services.chassis.queue_worker.step_runner import StepRunner, StepTerms
from services.chassis.queue_worker.work_loop import WorkLoop
from services.chassis.settings import ServiceSettings
from services.chassis.work import StepEvents, WorkHandler


@asynccontextmanager
async def working(
    link: JetStreamLink,
    handlers: Sequence[WorkHandler],
    events: StepEvents,
    settings: ServiceSettings,
) -> AsyncIterator[None]:
    """Works off the queues of `handlers` inside the block; drains at its end.

    The service that leads runs also gives an end to steps whose workers were lost, whichever
    service they belong to. Without handlers there is nothing else to do.
    """
    if not handlers and not settings.leads_runs:
        yield
        return
    retries = RetryPolicy(
        max_failures=settings.max_failures, max_deliveries=settings.max_deliveries
    )
    runner = StepRunner(
        {handler.method: handler for handler in handlers},
        events,
        StepTerms(retries, settings.step_timeout_seconds, settings.ack_wait_seconds),
        bus=link.bus,
        progress_board=link.bus,
        failure_counts=KeyValueFailureCounts(await link.key_value(BUCKET, ttl_seconds=TTL_SECONDS)),
        dead_letters=JetStreamDeadLetterBox(link.jetstream),
    )
    source = JetStreamWorkSource(
        link.connection,
        link.jetstream,
        [handler.method for handler in handlers],
        ack_wait_seconds=settings.ack_wait_seconds,
        max_deliveries=settings.max_deliveries,
    )
    async with AsyncExitStack() as stack:
        if settings.leads_runs:
            lost_steps = LostSteps(link.connection, link.jetstream, link.bus, events)
            await stack.enter_async_context(running_beside(lost_steps.run()))
        if not handlers:
            yield
            return
        loop = WorkLoop(source, runner, settings.max_concurrent_steps)
        async with source.open(loop.cancel_run):
            try:
                async with running_beside(loop.run()):
                    yield
            finally:
                await loop.drain(settings.drain_seconds)
