"""Steps that are given up while a real NATS server has no room for dead letters."""

from collections.abc import AsyncIterator

import pytest
from nats.js.api import DiscardPolicy

from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.streams import DEAD, WORK, durable_name
from services.chassis.work import Progress
from tests.eventually import eventually
from tests.jetstream_links import WorkerSettings, linked
from tests.probing import Probing
from tests.queued_work import is_empty, worker
from tests.servers import NatsServer

BARELY_ANY_BYTES = 32
A_LOT_OF_BYTES = 1 << 20


@pytest.fixture
async def link(own_nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(own_nats_server.url) as link:
        yield link


async def give_room(link: JetStreamLink, max_bytes: int) -> None:
    """Lets the stream of dead letters hold so much, and refuse what is more."""
    config = (await link.jetstream.stream_info(DEAD)).config
    config = config.evolve(max_bytes=max_bytes, discard=DiscardPolicy.NEW)
    await link.jetstream.update_stream(config)


async def test_a_step_that_cannot_be_buried_is_tried_again_soon(link: JetStreamLink) -> None:
    async def fail(recording_id: str, progress: Progress) -> None:
        raise ZeroDivisionError

    probing = Probing(fail)
    patient = WorkerSettings(max_failures=1, ack_wait_seconds=30)
    await probing.listen(link)
    await give_room(link, BARELY_ANY_BYTES)
    async with worker(link, probing, settings=patient):
        await probing.submit(link, "a")
        await eventually(lambda: len(probing.started) > 1)
        await give_room(link, A_LOT_OF_BYTES)
        (failure,) = await eventually(lambda: probing.failures)
        await eventually(lambda: is_empty(link, probing))
    assert failure.reason == "INTERNAL"


async def test_a_lost_step_gets_its_end_when_there_is_room_again(link: JetStreamLink) -> None:
    probing, other = Probing(), Probing()
    settings = WorkerSettings(ack_wait_seconds=1, max_deliveries=1)
    await probing.listen(link)
    await give_room(link, BARELY_ANY_BYTES)
    async with worker(link, probing, settings=settings):
        pass  # makes the consumer
    await probing.submit(link, "a")
    assert await Puller(link.connection, WORK, durable_name(probing.method)).next(5)

    async with worker(link, probing, other, settings=settings):
        await eventually(lambda: has_tried(link))
        await give_room(link, A_LOT_OF_BYTES)
        (failure,) = await eventually(lambda: probing.failures)
        await eventually(lambda: is_empty(link, probing))
    assert failure.reason == "WORKER_LOST"


async def has_tried(link: JetStreamLink) -> bool:
    """Says whether somebody has tried, in vain, to end the lost step."""
    info = await link.jetstream.consumer_info("ADVISORIES", "dead-letters")
    return bool(info.delivered and info.delivered.consumer_seq)
