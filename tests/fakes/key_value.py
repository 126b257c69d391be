"""A key-value bucket in memory with the compare-and-set of the real one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from services.chassis.errors import ConflictError
from services.chassis.key_value import Entry, checked_key


class InMemoryKeyValue:
    """Passes the same contract suite as the JetStream bucket."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Starts empty."""
        self.entries: dict[str, Entry] = {}
        self._clock = clock
        self._written: dict[int, datetime] = {}
        self._revision = 0
        self._watchers: list[tuple[str, asyncio.Queue[Entry]]] = []

    async def get(self, key: str) -> Entry | None:
        """See KeyValue."""
        return self.entries.get(checked_key(key))

    async def create(self, key: str, value: bytes) -> int:
        """See KeyValue."""
        if checked_key(key) in self.entries:
            message = f"The key {key} exists already."
            raise ConflictError(message, reason="REVISION_CONFLICT")
        return self._set(Entry(key, value, self._next_revision()))

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """See KeyValue."""
        present = self.entries.get(checked_key(key))
        if present is None or present.revision != revision:
            message = f"The key {key} was changed by somebody else."
            raise ConflictError(message, reason="REVISION_CONFLICT")
        return self._set(Entry(key, value, self._next_revision()))

    async def delete(self, key: str, revision: int | None = None) -> None:
        """See KeyValue."""
        present = self.entries.get(checked_key(key))
        if revision is not None and (present is None or present.revision != revision):
            message = f"The key {key} was changed by somebody else."
            raise ConflictError(message, reason="REVISION_CONFLICT")
        if present:
            self._set(Entry(key, b"", self._next_revision(), deleted=True))

    async def keys(self, prefix: str = "") -> list[str]:
        """See KeyValue."""
        return sorted(key for key in self.entries if key.startswith(prefix))

    async def untouched(self, prefix: str, before: datetime) -> AsyncIterator[Entry]:
        """See KeyValue."""
        for entry in sorted(self.entries.values(), key=lambda it: it.revision):
            still = self.entries.get(entry.key) == entry
            if still and entry.key.startswith(prefix) and self._written[entry.revision] < before:
                yield entry

    async def watch(self, prefix: str = "") -> AsyncIterator[Entry]:
        """See KeyValue."""
        queue: asyncio.Queue[Entry] = asyncio.Queue()
        watcher = (prefix, queue)
        for entry in self.entries.values():
            if entry.key.startswith(prefix):
                queue.put_nowait(entry)
        self._watchers.append(watcher)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.remove(watcher)

    def _next_revision(self) -> int:
        self._revision += 1
        self._written[self._revision] = self._clock()
        return self._revision

    def _set(self, entry: Entry) -> int:
        if entry.deleted:
            del self.entries[entry.key]
        else:
            self.entries[entry.key] = entry
        for prefix, queue in self._watchers:
            if entry.key.startswith(prefix):
                queue.put_nowait(entry)
        return entry.revision
