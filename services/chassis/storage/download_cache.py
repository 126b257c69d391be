"""Local copies of remote objects: each downloaded once, shared by its readers, bounded in bytes."""

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from weakref import WeakValueDictionary, finalize

from services.chassis.process.owned_folders import own_folder, remove_ownerless

FOLDER_PREFIX = "downloads-"


@dataclass
class _Copy:
    path: Path
    size_bytes: int
    reader_count: int = 0


class DownloadCache:
    """Keeps the copies that were read last, up to a number of bytes.

    Copies that are being read are never removed, so the bound can be passed by them alone. The
    copies lie in a folder of this process, which is removed at exit; after a SIGKILL the next
    process that uses the same parent folder removes it.
    """

    def __init__(self, parent: Path, capacity_bytes: int) -> None:
        """Makes nothing on disk until the first copy is asked for."""
        self._parent = parent
        self._capacity_bytes = capacity_bytes
        self._folder: Path | None = None
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def size_bytes(self) -> int:
        """How much is kept now."""
        return sum(copy.size_bytes for copy in self._copies.values())

    @asynccontextmanager
    async def opened(
        self, name: str, size_bytes: int, download: Callable[[Path], Awaitable[None]]
    ) -> AsyncIterator[Path]:
        """Gives the path of the copy called `name`, calling `download` if there is none yet.

        `name` is a file name that stands for content that never changes.
        """
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            if name not in self._copies:
                path = await asyncio.to_thread(self._place_for, name)
                await self._trim(self._capacity_bytes - size_bytes)
                await _downloaded(path, download)
                self._copies[name] = _Copy(path, size_bytes)
            copy = self._copies[name]
            copy.reader_count += 1
            self._copies.move_to_end(name)
        try:
            yield copy.path
        finally:
            copy.reader_count -= 1
            await self._trim(self._capacity_bytes)

    def _place_for(self, name: str) -> Path:
        if self._folder is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            remove_ownerless(self._parent, FOLDER_PREFIX)
            self._folder, lock = own_folder(self._parent, FOLDER_PREFIX)
            finalize(self, _leave, self._folder, lock)
        return self._folder / name

    async def _trim(self, allowed_bytes: int) -> None:
        idle = [name for name, copy in self._copies.items() if copy.reader_count == 0]
        for name in idle:
            if self.size_bytes <= allowed_bytes:
                return
            copy = self._copies.pop(name)
            copy.path.unlink(missing_ok=True)


async def _downloaded(path: Path, download: Callable[[Path], Awaitable[None]]) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        await download(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _leave(folder: Path, lock: BinaryIO) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()
