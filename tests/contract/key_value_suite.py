"""What every key-value bucket promises; the fake and the real one run these very tests."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.chassis.errors import ConflictError, InvalidInputError
from services.chassis.key_value import Entry, KeyValue

WRITER_COUNT = 10


class KeyValueSuite:
    """Subclasses provide the fixture `bucket`; every test uses keys of its own."""

    @pytest.fixture
    def prefix(self) -> str:
        return f"suite.{uuid4().hex}."

    async def test_what_was_created_is_found(self, bucket: KeyValue, prefix: str) -> None:
        assert await bucket.get(prefix + "a") is None
        revision = await bucket.create(prefix + "a", b"1")
        assert await bucket.get(prefix + "a") == Entry(prefix + "a", b"1", revision)

    async def test_an_empty_value_is_a_value(self, bucket: KeyValue, prefix: str) -> None:
        await bucket.create(prefix + "a", b"")
        found = await bucket.get(prefix + "a")
        assert found is not None
        assert found.value == b""

    async def test_creating_twice_is_a_conflict(self, bucket: KeyValue, prefix: str) -> None:
        await bucket.create(prefix + "a", b"1")
        with pytest.raises(ConflictError):
            await bucket.create(prefix + "a", b"2")

    async def test_updates_need_the_latest_revision(self, bucket: KeyValue, prefix: str) -> None:
        first = await bucket.create(prefix + "a", b"1")
        second = await bucket.update(prefix + "a", b"2", first)
        assert second > first
        with pytest.raises(ConflictError):
            await bucket.update(prefix + "a", b"3", first)
        with pytest.raises(ConflictError):
            await bucket.update(prefix + "absent", b"1", 5)
        found = await bucket.get(prefix + "a")
        assert found is not None
        assert found.value == b"2"

    async def test_no_concurrent_change_is_lost(self, bucket: KeyValue, prefix: str) -> None:
        key = prefix + "counter"
        await bucket.create(key, b"0")

        async def increment() -> None:
            while True:
                entry = await bucket.get(key)
                assert entry is not None
                try:
                    await bucket.update(key, b"%d" % (int(entry.value) + 1), entry.revision)
                except ConflictError:
                    continue
                return

        await asyncio.gather(*(increment() for _ in range(WRITER_COUNT)))
        found = await bucket.get(key)
        assert found is not None
        assert int(found.value) == WRITER_COUNT

    async def test_deleted_keys_are_gone_and_can_be_made_again(
        self, bucket: KeyValue, prefix: str
    ) -> None:
        revision = await bucket.create(prefix + "a", b"1")
        await bucket.delete(prefix + "a")
        await bucket.delete(prefix + "never-there")
        assert await bucket.get(prefix + "a") is None
        with pytest.raises(ConflictError):
            await bucket.update(prefix + "a", b"2", revision)
        assert await bucket.create(prefix + "a", b"3") > revision

    async def test_exactly_what_was_read_is_deleted(self, bucket: KeyValue, prefix: str) -> None:
        first = await bucket.create(prefix + "a", b"1")
        second = await bucket.update(prefix + "a", b"2", first)
        with pytest.raises(ConflictError):
            await bucket.delete(prefix + "a", first)
        assert await bucket.get(prefix + "a") == Entry(prefix + "a", b"2", second)
        await bucket.delete(prefix + "a", second)
        assert await bucket.get(prefix + "a") is None
        for key in ("a", "never-there"):
            with pytest.raises(ConflictError):
                await bucket.delete(prefix + key, second)

    async def test_what_is_untouched_comes_with_the_oldest_first(
        self, bucket: KeyValue, prefix: str
    ) -> None:
        first = await bucket.create(prefix + "z", b"1")
        for name in ("a", "gone", "m"):
            await bucket.create(prefix + name, b"x")
        await bucket.create("elsewhere." + prefix + "a", b"1")
        await bucket.update(prefix + "z", b"2", first)
        await bucket.delete(prefix + "gone")

        async def found(prefix: str, hours: float) -> list[str]:
            before = datetime.now(UTC) + timedelta(hours=hours)
            return [entry.key async for entry in bucket.untouched(prefix, before)]

        assert await found(prefix, 1) == [prefix + name for name in ("a", "m", "z")]
        assert await found(prefix + "z", 1) == [prefix + "z"]
        assert await found(prefix + "nothing", 1) == []
        assert await found(prefix, -1) == []

    async def test_what_is_changed_or_removed_while_others_are_read_is_not_untouched(
        self, bucket: KeyValue, prefix: str
    ) -> None:
        revisions = {name: await bucket.create(prefix + name, b"1") for name in "abcd"}
        await asyncio.sleep(0.01)  # the servers' clocks tell milliseconds apart
        found = []
        async for entry in bucket.untouched(prefix, datetime.now(UTC)):
            found.append(entry.key)
            if entry.key == prefix + "a":
                await bucket.update(prefix + "b", b"2", revisions["b"])
                await bucket.delete(prefix + "c")
        assert found == [prefix + "a", prefix + "d"]

    async def test_keys_are_listed_by_prefix_in_order(self, bucket: KeyValue, prefix: str) -> None:
        for name in ("run-2.b", "run-1.a", "run-10", "gone", "other"):
            await bucket.create(prefix + name, b"x")
        await bucket.delete(prefix + "gone")
        names = ["other", "run-1.a", "run-10", "run-2.b"]
        assert await bucket.keys(prefix) == [prefix + name for name in names]
        assert await bucket.keys(prefix + "run-1") == [prefix + "run-1.a", prefix + "run-10"]
        assert await bucket.keys(prefix + "nothing") == []

    async def test_a_watcher_sees_the_present_and_then_every_change(
        self, bucket: KeyValue, prefix: str
    ) -> None:
        first = await bucket.create(prefix + "a", b"1")
        await bucket.create("elsewhere." + prefix + "a", b"1")
        async with asyncio.timeout(10), aclosing(bucket.watch(prefix)) as changes:  # type: ignore[type-var] # a generator in every bucket
            assert await anext(changes) == Entry(prefix + "a", b"1", first)
            second = await bucket.update(prefix + "a", b"2", first)
            assert await anext(changes) == Entry(prefix + "a", b"2", second)
            third = await bucket.create(prefix + "b", b"1")
            assert await anext(changes) == Entry(prefix + "b", b"1", third)
            await bucket.delete(prefix + "a")
            gone = await anext(changes)
            assert (gone.key, gone.deleted) == (prefix + "a", True)

    @pytest.mark.parametrize("key", ["", ".a", "a.", "a..b", "a b", "ä", "a*", "a>"])
    async def test_malformed_keys_are_refused(self, bucket: KeyValue, key: str) -> None:
        with pytest.raises(InvalidInputError):
            await bucket.get(key)
        with pytest.raises(InvalidInputError):
            await bucket.create(key, b"x")
        with pytest.raises(InvalidInputError):
            await bucket.update(key, b"x", 1)
        with pytest.raises(InvalidInputError):
            await bucket.delete(key)
