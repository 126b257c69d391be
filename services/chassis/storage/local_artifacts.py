"""The artifact store in a directory: one file per object, made visible in one step."""

import asyncio
import contextlib
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from services.chassis.artifacts import (
    PIECE_BYTES,
    ObjectInfo,
    checked_key,
    checked_prefix,
    missing,
)
from services.chassis.errors import InvalidInputError, OverloadedError, UnavailableError

PARTIAL_FOLDER = ".partial"
LIST_PAGE_COUNT = 1000
NOTHING_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""Of paths that lead to no file; links to themselves are among them."""
ABANDONED_SECONDS = 86_400.0
"""Nobody fills a file for so long without writing to it."""

T = TypeVar("T")


class LocalArtifacts:
    """Keeps each object as the file `<root>/<key>`.

    A write fills a file in `<root>/.partial`, syncs it, then renames or links it into place, so a
    crash leaves a leftover there and nothing under the key. The first write of a process removes
    the leftovers of yesterday.
    """

    def __init__(self, root: Path) -> None:
        """Uses the directory `root`, which is made when it is first written to."""
        self._root = root.absolute()
        self._partial = self._root / PARTIAL_FOLDER
        self._has_tidied = False

    async def stat(self, key: str) -> ObjectInfo | None:
        """See ArtifactStore."""
        path = self._path_of(key)
        return await _in_thread(lambda: _info(key, path))

    async def read(self, key: str) -> bytes:
        """See ArtifactStore."""
        path = self._path_of(key)
        try:
            return await _in_thread(path.read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise missing(key) from None

    async def create(self, key: str, content: bytes) -> bool:
        """See ArtifactStore."""
        return await self._place(key, lambda partial: partial.write_bytes(content), _link)

    async def write(self, key: str, content: bytes) -> None:
        """See ArtifactStore."""
        await self._place(key, lambda partial: partial.write_bytes(content), _replace)

    async def put(self, key: str, path: Path) -> None:
        """See ArtifactStore."""
        await self._place(key, lambda partial: shutil.copyfile(path, partial), _replace)

    async def stream(self, key: str, *, offset_bytes: int = 0) -> AsyncIterator[bytes]:
        """See ArtifactStore."""
        async with self.opened(key) as path:
            file = await _in_thread(lambda: path.open("rb"))
            try:
                await _in_thread(lambda: file.seek(offset_bytes))
                while piece := await _in_thread(lambda: file.read(PIECE_BYTES)):
                    yield piece
            finally:
                file.close()

    def opened(self, key: str) -> AbstractAsyncContextManager[Path]:
        """See ArtifactStore."""
        return self._opened(key, self._path_of(key))

    @asynccontextmanager
    async def _opened(self, key: str, path: Path) -> AsyncIterator[Path]:
        if not await _in_thread(path.is_file):
            raise missing(key)
        yield path

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """See ArtifactStore."""
        objects = _walk(self._root, "", checked_prefix(prefix))
        while page := await _in_thread(lambda: list(islice(objects, LIST_PAGE_COUNT))):
            for found in page:
                yield found

    async def delete(self, key: str) -> None:
        """See ArtifactStore."""
        path = self._path_of(key)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            await _in_thread(path.unlink)

    def _path_of(self, key: str) -> Path:
        if checked_key(key).split("/", 1)[0] == PARTIAL_FOLDER:
            message = f"Keys under {PARTIAL_FOLDER!r} are reserved: choose another name."
            raise InvalidInputError(message, reason="INVALID_ARTIFACT_KEY")
        return self._root / key

    async def _place(
        self, key: str, fill: Callable[[Path], object], publish: Callable[[Path, Path], bool]
    ) -> bool:
        path = self._path_of(key)

        def place() -> bool:
            self._partial.mkdir(parents=True, exist_ok=True)
            self._tidy()
            partial = self._partial / token_hex(16)
            try:
                fill(partial)
                _sync(partial)
                path.parent.mkdir(parents=True, exist_ok=True)
                placed = publish(partial, path)
                _sync(path.parent)
                return placed
            finally:
                partial.unlink(missing_ok=True)

        try:
            return await _in_thread(place)
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            message = f"{key!r} lies inside another object, or another lies inside it."
            raise InvalidInputError(message, reason="INVALID_ARTIFACT_KEY") from error

    def _tidy(self) -> None:
        if self._has_tidied:
            return
        self._has_tidied = True
        before = time.time() - ABANDONED_SECONDS
        for leftover in self._partial.iterdir():
            with contextlib.suppress(OSError):  # somebody else may be about it
                if leftover.stat().st_mtime < before:
                    leftover.unlink()


def _link(partial: Path, path: Path) -> bool:
    """Publishes without replacing: a link fails where a rename would overwrite."""
    try:
        os.link(partial, path)
    except FileExistsError:
        if path.is_dir():
            raise
        return False
    return True


def _replace(partial: Path, path: Path) -> bool:
    partial.replace(path)
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(key: str, path: Path) -> ObjectInfo | None:
    try:
        found = path.stat()
    except OSError as error:
        if error.errno not in NOTHING_THERE:
            raise
        return None
    if not path.is_file():
        return None
    return ObjectInfo(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _walk(folder: Path, folder_key: str, prefix: str) -> Iterator[ObjectInfo]:
    """Yields what lies under `folder` in key order, entering only folders that can match.

    A folder sorts with its `/`, as its keys do: `a-b` comes before `a/b`.
    """
    try:
        names = [entry.name + "/" * _is_folder(entry) for entry in os.scandir(folder)]
    except OSError as error:
        if error.errno not in NOTHING_THERE:
            raise
        return
    for name in sorted(names, key=os.fsencode):
        key = folder_key + name
        if key == PARTIAL_FOLDER + "/" or not (key.startswith(prefix) or prefix.startswith(key)):
            continue
        if name.endswith("/"):
            yield from _walk(folder / name, key, prefix)
        elif key.startswith(prefix) and _is_key(key) and (found := _info(key, folder / name)):
            yield found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Asks links by another way, since this one raises for those that lead to themselves."""
    return Path(entry).is_dir() if entry.is_symlink() else entry.is_dir()


def _is_key(name: str) -> bool:
    """Leaves out files that were put into the directory under names that no key can have."""
    try:
        checked_key(name)
    except InvalidInputError:
        return False
    return True


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise _translated(error) from error


def _translated(error: OSError) -> Exception:
    """Turns trouble with the disk into our taxonomy; errors about single files stay as they are."""
    code = errno.errorcode.get(error.errno or 0, "")
    if code in {"ENOSPC", "EDQUOT"}:
        message = "The artifact store's disk is full: free some space and try again."
        return OverloadedError(message, reason="STORE_FULL")
    if code in {"EIO", "ESTALE", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE"}:
        message = f"The artifact store's directory cannot be used ({code}): check it, try again."
        return UnavailableError(message, reason="STORE_UNAVAILABLE")
    return error
