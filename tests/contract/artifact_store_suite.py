"""What every artifact store promises; the fake and both adapters run these very tests."""

import asyncio
import hashlib
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.artifacts import PIECE_BYTES, ArtifactStore, ObjectInfo
from services.chassis.errors import InvalidInputError, NotFoundError

ODD_KEYS = [
    "inbox/anna/My holiday video (final).mp4",
    'inbox/anna/it\'s "quoted" & <tagged> 100% #1 ?x=y+z.mp4',
    "inbox/anna/Grüße aus Köln — 日本語 🎉.mkv",
    "inbox/anna/two\nlines\tand a tab.mov",
    "inbox/anna/semi;colon,comma@at=equals+plus~.avi",
]
BAD_KEYS = [
    "",
    "/etc/passwd",
    "../secret",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    "a\0b",
    "\ud800",
    "x" * 300,
]
RACE_COUNT = 60
WRITER_COUNT = 8


class ArtifactStoreSuite:
    """Subclasses provide the fixture `store`, empty or not: every test uses keys of its own."""

    @pytest.fixture
    def prefix(self, request: pytest.FixtureRequest) -> str:
        name = re.sub(r"\W+", "-", request.node.name)
        return f"suite/{name}/"

    async def test_what_was_written_is_read_back(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "a", b"first")
        await store.write(prefix + "a", b"second")
        assert await store.read(prefix + "a") == b"second"

    async def test_an_empty_object_is_an_object(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "empty", b"")
        assert await store.read(prefix + "empty") == b""
        found = await store.stat(prefix + "empty")
        assert found is not None
        assert found.size_bytes == 0

    async def test_stat_tells_size_and_time(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "a", b"12345")
        found = await store.stat(prefix + "a")
        assert found is not None
        assert (found.key, found.size_bytes) == (prefix + "a", 5)
        assert abs(datetime.now(UTC) - found.modified_time) < timedelta(minutes=1)

    async def test_what_is_not_there_is_not_found(self, store: ArtifactStore, prefix: str) -> None:
        key = prefix + "absent"
        assert await store.stat(key) is None
        with pytest.raises(NotFoundError):
            await store.read(key)
        with pytest.raises(NotFoundError):
            await anext(store.stream(key))
        with pytest.raises(NotFoundError):
            async with store.opened(key):
                pass

    async def test_a_folder_is_not_an_object(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "folder/a", b"1")
        assert await store.stat(prefix + "folder") is None
        with pytest.raises(NotFoundError):
            await store.read(prefix + "folder")

    async def test_deleting_removes_and_may_be_repeated(
        self, store: ArtifactStore, prefix: str
    ) -> None:
        await store.write(prefix + "a", b"1")
        await store.delete(prefix + "a")
        await store.delete(prefix + "a")
        assert await store.stat(prefix + "a") is None

    async def test_creating_never_replaces(self, store: ArtifactStore, prefix: str) -> None:
        assert await store.create(prefix + "a", b"first")
        assert not await store.create(prefix + "a", b"second")
        assert await store.read(prefix + "a") == b"first"

    async def test_of_racing_creators_exactly_one_wins(
        self, store: ArtifactStore, prefix: str
    ) -> None:
        async def race(key: str) -> None:
            contents = [b"writer %d" % writer for writer in range(WRITER_COUNT)]
            won = await asyncio.gather(*(store.create(key, content) for content in contents))
            assert won.count(True) == 1
            assert await store.read(key) == contents[won.index(True)]

        await asyncio.gather(*(race(f"{prefix}race-{n}") for n in range(RACE_COUNT)))

    async def test_a_large_file_survives_the_way_there_and_back(
        self, store: ArtifactStore, prefix: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "large"
        path.write_bytes(os.urandom(40 << 20))  # several parts on S3
        await store.put(prefix + "large", path)
        digest = hashlib.sha256()
        async for piece in store.stream(prefix + "large"):
            assert len(piece) <= PIECE_BYTES
            digest.update(piece)
        assert digest.digest() == hashlib.sha256(path.read_bytes()).digest()

    async def test_an_empty_file_can_be_put(
        self, store: ArtifactStore, prefix: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "empty"
        path.touch()
        await store.put(prefix + "empty", path)
        assert await store.read(prefix + "empty") == b""

    async def test_streams_start_where_they_are_told(
        self, store: ArtifactStore, prefix: str
    ) -> None:
        content = bytes(range(256)) * 8192  # 2 MiB
        await store.write(prefix + "a", content)
        for offset_bytes in (0, 1, 1_500_000, len(content) - 1, len(content), len(content) + 9):
            pieces = [p async for p in store.stream(prefix + "a", offset_bytes=offset_bytes)]
            assert b"".join(pieces) == content[offset_bytes:]

    async def test_a_stream_can_be_left_early(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "a", bytes(3 << 20))
        stream = store.stream(prefix + "a")
        assert await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined] # a generator in every store
        assert len(await store.read(prefix + "a")) == 3 << 20

    async def test_an_opened_object_is_a_file(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "a", b"content")
        async with store.opened(prefix + "a") as path, store.opened(prefix + "a") as again:
            assert path.read_bytes() == again.read_bytes() == b"content"

    async def test_an_opened_object_is_never_stale(self, store: ArtifactStore, prefix: str) -> None:
        for content in (b"old", b"new"):
            await store.write(prefix + "a", content)
            async with store.opened(prefix + "a") as path:
                assert path.read_bytes() == content

    async def test_listing_is_complete_and_in_order(
        self, store: ArtifactStore, prefix: str
    ) -> None:
        keys = [f"{prefix}{n:04}" for n in range(1205)]
        for start in range(0, len(keys), 50):
            await asyncio.gather(*(store.write(key, b"x") for key in keys[start : start + 50]))
        assert [found.key for found in await listed(store, prefix)] == keys

    async def test_listing_orders_by_key_not_by_folder(
        self, store: ArtifactStore, prefix: str
    ) -> None:
        keys = [f"{prefix}{name}" for name in ("a-b", "a.b", "a/b", "a/c/d", "a0", "b", "é", "日")]
        for key in reversed(keys):
            await store.write(key, b"x")
        assert [found.key for found in await listed(store, prefix)] == keys
        assert [found.key for found in await listed(store, prefix + "a/")] == keys[2:4]

    async def test_a_prefix_may_end_within_a_name(self, store: ArtifactStore, prefix: str) -> None:
        for name in ("clip-1", "clip-2", "other"):
            await store.write(prefix + name, b"x")
        found = await listed(store, prefix + "cli")
        assert [each.key for each in found] == [prefix + "clip-1", prefix + "clip-2"]
        assert await listed(store, prefix + "nothing/here") == []

    async def test_listing_tells_what_stat_tells(self, store: ArtifactStore, prefix: str) -> None:
        await store.write(prefix + "a", b"12345")
        assert await listed(store, prefix) == [await store.stat(prefix + "a")]

    @pytest.mark.parametrize("key", ODD_KEYS)
    async def test_keys_may_hold_any_character(
        self, store: ArtifactStore, key: str, tmp_path: Path
    ) -> None:
        await store.delete(key)
        assert await store.create(key, b"created")
        path = tmp_path / "file"
        path.write_bytes(b"put")
        await store.put(key, path)
        assert await store.read(key) == b"put"
        async with store.opened(key) as opened:
            assert opened.read_bytes() == b"put"
        assert key in [found.key for found in await listed(store, "inbox/anna/")]

    @pytest.mark.parametrize("key", BAD_KEYS)
    async def test_keys_that_lead_elsewhere_are_refused(
        self, store: ArtifactStore, key: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"x")
        with pytest.raises(InvalidInputError):
            await store.stat(key)
        with pytest.raises(InvalidInputError):
            await store.read(key)
        with pytest.raises(InvalidInputError):
            await store.write(key, b"x")
        with pytest.raises(InvalidInputError):
            await store.create(key, b"x")
        with pytest.raises(InvalidInputError):
            await store.put(key, path)
        with pytest.raises(InvalidInputError):
            await store.delete(key)

    @pytest.mark.parametrize("prefix", ["/", "../", "a/../", "a//"])
    async def test_prefixes_that_lead_elsewhere_are_refused(
        self, store: ArtifactStore, prefix: str
    ) -> None:
        with pytest.raises(InvalidInputError):
            await listed(store, prefix)


async def listed(store: ArtifactStore, prefix: str) -> list[ObjectInfo]:
    """Returns all that a listing yields."""
    return [found async for found in store.list(prefix)]
