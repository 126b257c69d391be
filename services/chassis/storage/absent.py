"""What stands in for the artifact store in a service that keeps nothing there."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NoReturn

from services.chassis.artifacts import ObjectInfo
from services.chassis.errors import UnavailableError


class AbsentArtifacts:
    """An ArtifactStore that refuses everything; see there for the methods."""

    async def stat(self, key: str) -> ObjectInfo | None:
        """Refuses."""
        _refuse(key)

    async def read(self, key: str) -> bytes:
        """Refuses."""
        _refuse(key)

    async def create(self, key: str, content: bytes) -> bool:
        """Refuses."""
        _refuse(key, content)

    async def write(self, key: str, content: bytes) -> None:
        """Refuses."""
        _refuse(key, content)

    async def put(self, key: str, path: Path) -> None:
        """Refuses."""
        _refuse(key, path)

    def stream(self, key: str, *, offset_bytes: int = 0) -> AsyncIterator[bytes]:
        """Refuses."""
        _refuse(key, offset_bytes)

    def opened(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Refuses."""
        _refuse(key)

    def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Refuses."""
        _refuse(prefix)

    async def delete(self, key: str) -> None:
        """Refuses."""
        _refuse(key)


def _refuse(*_asked: object) -> NoReturn:
    message = "This service keeps no artifacts: ask the one that made them."
    raise UnavailableError(message, reason="NO_STORE")
