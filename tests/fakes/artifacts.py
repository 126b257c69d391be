"""An artifact store in memory that keeps the promises of the real ones."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.chassis.artifacts import (
    PIECE_BYTES,
    ObjectInfo,
    checked_key,
    checked_prefix,
    missing,
)


class InMemoryArtifacts:
    """Keeps objects in a dictionary; passes the same contract suite as the real stores."""

    def __init__(self) -> None:
        """Starts empty."""
        self.objects: dict[str, bytes] = {}
        self.written_keys: list[str] = []
        """Every key that was written, in order: what a test counts to prove reuse."""
        self.opened_keys: list[str] = []
        """Every key whose object was fetched as a file, in order."""
        self._times: dict[str, datetime] = {}

    async def stat(self, key: str) -> ObjectInfo | None:
        """See ArtifactStore."""
        if checked_key(key) not in self.objects:
            return None
        return ObjectInfo(key, len(self.objects[key]), self._times[key])

    async def read(self, key: str) -> bytes:
        """See ArtifactStore."""
        try:
            return self.objects[checked_key(key)]
        except KeyError:
            raise missing(key) from None

    async def create(self, key: str, content: bytes) -> bool:
        """See ArtifactStore."""
        if checked_key(key) in self.objects:
            return False
        await self.write(key, content)
        return True

    async def write(self, key: str, content: bytes) -> None:
        """See ArtifactStore."""
        self.objects[checked_key(key)] = bytes(content)
        self._times[key] = datetime.now(UTC)
        self.written_keys.append(key)

    async def put(self, key: str, path: Path) -> None:
        """See ArtifactStore."""
        await self.write(key, path.read_bytes())

    async def stream(self, key: str, *, offset_bytes: int = 0) -> AsyncIterator[bytes]:
        """See ArtifactStore."""
        content = (await self.read(key))[offset_bytes:]
        for start in range(0, len(content), PIECE_BYTES):
            yield content[start : start + PIECE_BYTES]

    @asynccontextmanager
    async def opened(self, key: str) -> AsyncIterator[Path]:
        """See ArtifactStore."""
        content = await self.read(key)
        self.opened_keys.append(key)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "object")
            path.write_bytes(content)
            yield path

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """See ArtifactStore."""
        checked_prefix(prefix)
        keys = [key for key in self.objects if key.startswith(prefix)]
        for key in sorted(keys, key=str.encode):
            if found := await self.stat(key):
                yield found

    async def delete(self, key: str) -> None:
        """See ArtifactStore."""
        self.objects.pop(checked_key(key), None)

    def make_older(self, key: str, age: timedelta) -> None:
        """Has an object written so long before it was."""
        self._times[key] -= age
