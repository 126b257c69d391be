"""The key-value bucket over a real NATS server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from services.chassis.key_value import Entry, KeyValue
from tests.contract.key_value_suite import KeyValueSuite
from tests.jetstream_links import linked
from tests.servers import NatsServer


class TestJetStreamKeyValue(KeyValueSuite):
    @pytest.fixture
    async def bucket(self, nats_server: NatsServer) -> AsyncIterator[KeyValue]:
        async with linked(nats_server.url) as link:
            yield await link.key_value("suite")


async def test_a_bucket_is_opened_again_whatever_its_time_to_live(
    nats_server: NatsServer,
) -> None:
    async with linked(nats_server.url) as link:
        await (await link.key_value("reopened", ttl_seconds=3600)).create("a", b"1")
        reopened = await link.key_value("reopened", ttl_seconds=60)
        assert await reopened.keys() == ["a"]


async def test_a_watcher_survives_the_death_of_the_server(own_nats_server: NatsServer) -> None:
    async with linked(own_nats_server.url) as link:
        bucket = await link.key_value("watched")
        first = await bucket.create("a", b"1")
        async with asyncio.timeout(20), aclosing(bucket.watch()) as changes:  # type: ignore[type-var] # a generator
            assert await anext(changes) == Entry("a", b"1", first)
            reconnected = asyncio.create_task(link.reconnections.wait())
            own_nats_server.kill()
            own_nats_server.start()
            await reconnected
            second = await bucket.update("a", b"2", first)
            assert await anext(changes) == Entry("a", b"2", second)
