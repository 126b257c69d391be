"""A run that is cancelled after a worker was handed its request, and before it could begin."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from services.chassis.bus import StepContext
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.jetstream_source import JetStreamDelivery, JetStreamWorkSource
from tests.eventually import eventually
from tests.jetstream_links import linked
from tests.probing import Probing
from tests.queued_work import is_empty
from tests.servers import NatsServer
from ttstrainer.media.v1.media_service_pb2 import ProbeMediaRequest

Meanwhile = Callable[[], Awaitable[None]]


class HeldUp(JetStreamWorkSource):
    """Something comes to pass once between the arrival of a request and its handing out."""

    meanwhile: Meanwhile | None = None

    async def _found_soon(self) -> JetStreamDelivery | None:
        found = await super()._found_soon()
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        return found


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(nats_server.url) as link:
        yield link


def source(link: JetStreamLink, probing: Probing, meanwhile: Meanwhile) -> HeldUp:
    held_up = HeldUp(
        link.connection, link.jetstream, [probing.method], ack_wait_seconds=30, max_deliveries=20
    )
    held_up.meanwhile = meanwhile
    return held_up


async def test_a_step_of_a_run_that_was_cancelled_on_its_way_to_the_worker_is_not_begun(
    link: JetStreamLink,
) -> None:
    cancelled_run, other_run = Probing(), Probing()
    other_run.method = cancelled_run.method
    heard: list[str] = []

    async def cancel() -> None:
        await link.work_queue.cancel(cancelled_run.run_id)
        await eventually(lambda: heard)

    await cancelled_run.submit(link, "a")
    queues = source(link, cancelled_run, cancel)
    async with queues.open(heard.append), asyncio.timeout(20):
        taking = asyncio.create_task(queues.next())
        await eventually(lambda: heard)
        await other_run.submit(link, "b")
        taken = await taking
        assert taken.context
        assert taken.context.run_id == other_run.run_id
        await taken.ack()
    await eventually(lambda: is_empty(link, cancelled_run))


async def test_a_step_that_is_asked_for_again_right_after_a_cancel_is_not_lost(
    link: JetStreamLink,
) -> None:
    probing = Probing()
    heard: list[str] = []

    async def cancel_before_it() -> None:
        await link.work_queue.cancel(probing.run_id)
        await eventually(lambda: heard)
        context = StepContext(probing.run_id, "probe/a", 2)
        await link.work_queue.submit(probing.method, ProbeMediaRequest(), context)

    await probing.submit(link, "a")
    queues = source(link, probing, cancel_before_it)
    async with queues.open(heard.append), asyncio.timeout(20):
        taken = await queues.next()
        assert taken.context
        assert taken.context.attempt == 2
        await taken.ack()


async def test_a_step_that_comes_with_the_news_of_an_earlier_cancel_is_handed_out_again(
    link: JetStreamLink,
) -> None:
    probing = Probing()
    heard: list[str] = []

    async def hear_of_a_cancel() -> None:
        await link.connection.publish(f"cancel.{probing.run_id}")
        await eventually(lambda: heard)

    await probing.submit(link, "a")
    queues = source(link, probing, hear_of_a_cancel)
    async with queues.open(heard.append), asyncio.timeout(20):
        taken = await queues.next()
        assert taken.delivery_count == 2
        await taken.ack()
