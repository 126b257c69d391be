"""A worker on a queue of a real NATS server, and what is left in the queue."""

from contextlib import AbstractAsyncContextManager

from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.streams import WORK
from services.chassis.queue_worker.working import working
from tests.jetstream_links import WorkerSettings
from tests.probing import STEP_EVENTS, Probing


def worker(
    link: JetStreamLink, *probings: Probing, settings: WorkerSettings | None = None
) -> AbstractAsyncContextManager[None]:
    """Returns a worker that serves these methods inside its block."""
    handlers = [probing.handler for probing in probings]
    return working(link, handlers, STEP_EVENTS, settings or WorkerSettings())


async def queued_count(link: JetStreamLink, probing: Probing) -> int:
    """Returns how many requests of the method wait or are under way."""
    info = await link.jetstream.stream_info(WORK, subjects_filter=f"work.{probing.method}.*")
    return sum((info.state.subjects or {}).values())


async def is_empty(link: JetStreamLink, probing: Probing) -> bool:
    """Says whether no request of the method is left."""
    return await queued_count(link, probing) == 0
