"""A network that loses everything for a while, and then does not."""

import nats.errors
import pytest

from services.chassis.queue_worker.working import working
from tests.eventually import eventually
from tests.jetstream_links import WorkerSettings, linked
from tests.pausable_line import pausable_line
from tests.probing import STEP_EVENTS, Probing
from tests.servers import NatsServer


async def test_an_answer_that_comes_when_nobody_waits_any_more_leaves_the_connection_alive(
    nats_server: NatsServer,
) -> None:
    async with pausable_line(nats_server.url) as line, linked(line.url) as link:
        line.pause()
        with pytest.raises(nats.errors.FlushTimeoutError):
            await link.connection.flush(timeout=1)
        line.resume()
        await link.connection.flush(timeout=5)
        assert await link.jetstream.account_info()


async def test_a_worker_that_is_silent_counts_as_none(nats_server: NatsServer) -> None:
    probing = Probing()
    async with (
        linked(nats_server.url) as near,
        pausable_line(nats_server.url) as line,
        linked(line.url) as far,
        working(
            far,
            [probing.handler],
            STEP_EVENTS,
            WorkerSettings(ack_wait_seconds=1, drain_seconds=0.1),
        ),
    ):

        async def is_served() -> bool:
            return (await near.work_queue.backlog(probing.method)).has_worker

        await eventually(is_served)
        line.pause()
        assert not await is_served()
        line.resume()
        await eventually(is_served)
