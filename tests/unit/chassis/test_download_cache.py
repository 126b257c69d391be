"""Copies of remote objects: downloaded once, bounded, never taken from a reader."""

import asyncio
from pathlib import Path

import pytest

from services.chassis.storage.download_cache import DownloadCache


class Remote:
    """Counts downloads of objects of 100 bytes."""

    def __init__(self) -> None:
        self.downloads: list[str] = []

    async def read(self, cache: DownloadCache, name: str) -> bytes:
        async with cache.opened(name, 100, self.download) as path:
            await asyncio.sleep(0)
            return path.read_bytes()

    async def download(self, path: Path) -> None:
        self.downloads.append(path.name.removesuffix(".partial"))
        await asyncio.sleep(0)
        path.write_bytes(bytes(100))


async def test_readers_at_once_share_one_download(tmp_path: Path) -> None:
    cache, remote = DownloadCache(tmp_path, 1000), Remote()
    found = await asyncio.gather(*(remote.read(cache, "a") for _ in range(20)))
    assert found == [bytes(100)] * 20
    assert remote.downloads == ["a"]


async def test_what_was_read_longest_ago_makes_room(tmp_path: Path) -> None:
    cache, remote = DownloadCache(tmp_path, 250), Remote()
    for name in ("a", "b", "a", "c", "a", "b"):
        await remote.read(cache, name)
        assert cache.size_bytes <= 250
    assert remote.downloads == ["a", "b", "c", "b"]


async def test_nothing_is_taken_from_a_reader(tmp_path: Path) -> None:
    cache, remote = DownloadCache(tmp_path, 150), Remote()
    async with cache.opened("a", 100, remote.download) as path:
        await remote.read(cache, "b")
        await remote.read(cache, "c")
        assert path.read_bytes() == bytes(100)
    assert cache.size_bytes <= 150


async def test_an_object_larger_than_the_cache_is_read_and_not_kept(tmp_path: Path) -> None:
    cache, remote = DownloadCache(tmp_path, 10), Remote()
    assert await remote.read(cache, "a") == bytes(100)
    assert cache.size_bytes == 0


async def test_a_failed_download_is_tried_again_and_leaves_nothing(tmp_path: Path) -> None:
    cache, remote = DownloadCache(tmp_path, 1000), Remote()

    async def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        async with cache.opened("a", 100, fail):
            pass
    assert await remote.read(cache, "a") == bytes(100)


async def test_folders_of_dead_processes_are_removed_and_living_ones_are_not(
    tmp_path: Path,
) -> None:
    dead = tmp_path / "downloads-dead"
    dead.mkdir()
    (dead / ".lock").touch()
    (dead / "copy").write_bytes(bytes(100))
    living, remote = DownloadCache(tmp_path, 1000), Remote()
    await remote.read(living, "a")
    assert not dead.exists()
    await remote.read(DownloadCache(tmp_path, 1000), "b")
    await remote.read(living, "a")
    assert remote.downloads == ["a", "b"]
