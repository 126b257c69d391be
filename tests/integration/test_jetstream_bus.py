"""The bus and the work queue over a real NATS server."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.bus import Bus, WorkQueue
from services.chassis.errors import InvalidInputError
from services.chassis.messaging.jetstream import JetStreamLink
from tests.contract.bus_suite import BusSuite, WorkQueueSuite, probed
from tests.jetstream_links import linked
from tests.servers import NatsServer


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(nats_server.url) as link:
        yield link


class TestJetStreamBus(BusSuite):
    @pytest.fixture
    def bus(self, link: JetStreamLink) -> Bus:
        return link.bus

    @pytest.fixture
    def subscriber(self, link: JetStreamLink) -> JetStreamLink:
        return link


class TestJetStreamWorkQueue(WorkQueueSuite):
    @pytest.fixture
    def queue(self, link: JetStreamLink) -> WorkQueue:
        return link.work_queue


async def test_bulk_is_refused_with_the_way_out(link: JetStreamLink) -> None:
    with pytest.raises(InvalidInputError, match="artifact"):
        await link.bus.publish(probed("x" * (2 << 20)))
