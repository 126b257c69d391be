"""Remembers what was done with files, for as long as they are there and a good while longer."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from services.chassis.errors import ConflictError
from services.chassis.key_value import KeyValue
from services.pipeline.drops.bunches import File

__all__ = ["FileMarks"]

TEND_EVERY = timedelta(hours=1)


class FileMarks:
    """Marks on files, by identity, in a bucket that several processes share.

    The mark of a file that is seen is written anew before it is old. One that gets old is of a
    file that was not seen for half of the retention at least: a folder that is not mounted for a
    while, or one that only another process sees, loses none.
    """

    def __init__(self, bucket: KeyValue, prefix: str, kept_for: timedelta | None) -> None:
        """Keeps marks for that long after their file was seen; for ever when None."""
        self._bucket = bucket
        self._prefix = prefix
        self._kept_for = kept_for
        self._tend_time: datetime | None = None

    async def has(self, file: File) -> bool:
        """Says whether a file has its mark."""
        return await self._bucket.get(self._prefix + file.identity) is not None

    async def identities(self) -> set[str]:
        """Returns the identities of all files with a mark."""
        keys = await self._bucket.keys(self._prefix)
        return {key.removeprefix(self._prefix) for key in keys}

    async def add(self, file: File, value: bytes = b"") -> None:
        """Marks a file, unless somebody else has done so."""
        with suppress(ConflictError):
            await self._bucket.create(self._prefix + file.identity, value)

    async def tend(self, seen: Iterable[File], now: datetime) -> None:
        """Renews the marks of files that are seen and drops the old ones; does so once an hour."""
        if self._kept_for is None or (self._tend_time and now < self._tend_time):
            return
        identities = {file.identity for file in seen}
        async for entry in self._bucket.untouched(self._prefix, now - self._kept_for / 2):
            if entry.key.removeprefix(self._prefix) in identities:
                with suppress(ConflictError):
                    await self._bucket.update(entry.key, entry.value, entry.revision)
        async for entry in self._bucket.untouched(self._prefix, now - self._kept_for):
            with suppress(ConflictError):
                await self._bucket.delete(entry.key, entry.revision)
        self._tend_time = now + TEND_EVERY
