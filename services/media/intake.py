"""Takes streamed bytes in as a recording: through a scratch file, hashed on the way."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import Blob
from services.chassis.errors import OverloadedError
from services.media.recordings import refuse_size


class Intake:
    """Where bytes become a recording."""

    def __init__(self, store: ArtifactStore, scratch: Path, max_bytes: int) -> None:
        """Refuses files of more than `max_bytes`; needs that much room in `scratch`."""
        self._store = store
        self._scratch = scratch
        self.max_bytes = max_bytes

    async def take(
        self, pieces: AsyncIterator[bytes], *, expected_bytes: int, sha256: str = "", field: str
    ) -> Blob | None:
        """Stores the bytes and returns their blob, or None when they do not have this `sha256`.

        The bytes are copied first: a source that is still being written to cannot end up under a
        hash that is not its own. Raises InvalidInputError when they are none or too many.
        """
        refuse_size(expected_bytes, self.max_bytes, field=field)
        self._require_room(expected_bytes)
        with TemporaryDirectory(prefix="intake-", dir=self._scratch) as folder:
            copy = Path(folder, "recording")
            blob = await self._copied(pieces, copy, field=field)
            if sha256 and blob.sha256 != sha256:
                return None
            if await self._store.stat(blob.key) is None:
                await self._store.put(blob.key, copy)
        return blob

    async def _copied(self, pieces: AsyncIterator[bytes], copy: Path, *, field: str) -> Blob:
        digest = hashlib.sha256()
        size_bytes = 0
        with copy.open("wb") as file:

            def append(piece: bytes) -> None:
                file.write(piece)
                digest.update(piece)

            async for piece in pieces:
                size_bytes += len(piece)
                if size_bytes > self.max_bytes:
                    break
                await asyncio.to_thread(append, piece)
        refuse_size(size_bytes, self.max_bytes, field=field)
        return Blob(digest.hexdigest(), size_bytes)

    def _require_room(self, size_bytes: int) -> None:
        free_bytes = shutil.disk_usage(self._scratch).free
        if size_bytes > free_bytes:
            message = (
                f"The scratch folder has {free_bytes} bytes free and the file needs {size_bytes}: "
                "free some space and try again."
            )
            raise OverloadedError(message, reason="SCRATCH_FULL")
