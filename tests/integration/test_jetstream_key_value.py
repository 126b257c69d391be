"""The key-value bucket over a real NATS server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import pytest

from services.chassis.errors import ConflictError
from services.chassis.key_value import Entry, KeyValue
from services.chassis.messaging.jetstream_key_value import JetStreamKeyValue, open_bucket
from tests.contract.key_value_suite import KeyValueSuite
from tests.eventually import eventually
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


async def test_what_was_removed_leaves_nothing_behind(nats_server: NatsServer) -> None:
    async with linked(nats_server.url) as link:
        opened = await open_bucket(link.jetstream, "emptied", 0, replica_count=1, may_update=True)
        bucket = JetStreamKeyValue(
            opened, link.jetstream, "emptied", link.reconnections, marker_seconds=2
        )
        revision = await bucket.create("a", b"1")
        await bucket.create("b", b"1")
        await bucket.delete("a", revision)
        await bucket.delete("b")

        async def message_count() -> int:
            return (await link.jetstream.stream_info("KV_emptied")).state.messages

        assert await message_count() == 2, "markers tell those who watch"
        await eventually(lambda: is_zero(message_count))
        with pytest.raises(ConflictError):
            await bucket.update("a", b"2", revision)
        assert await bucket.create("a", b"3") > revision


async def test_listing_keys_leaves_no_consumer_behind(nats_server: NatsServer) -> None:
    async with linked(nats_server.url) as link:
        bucket = await link.key_value("listed")
        for _ in range(5):
            assert await bucket.keys() == []

        async def consumer_count() -> int:
            return (await link.jetstream.stream_info("KV_listed")).state.consumer_count

        await eventually(lambda: is_zero(consumer_count), within_seconds=30)


async def is_zero(count: Callable[[], Awaitable[int]]) -> bool:
    return await count() == 0


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
