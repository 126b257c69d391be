"""Imports: a file arrives in chunks, over as many calls as it takes."""

from collections.abc import AsyncIterator
from datetime import datetime

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import Blob
from services.chassis.errors import InvalidInputError, NotFoundError, UnavailableError
from services.media import recordings
from services.media.intake import Intake
from services.media.parts import (
    IMPORT_KEYS,
    MAX_PART_BYTES,
    Part,
    folder_of,
    part_at,
    pieces_of,
    received_bytes,
    sha256_at,
)


class Imports:
    """The imports under way; what has arrived lies in the store, so any replica goes on."""

    def __init__(
        self, store: ArtifactStore, intake: Intake, *, part_bytes: int = MAX_PART_BYTES
    ) -> None:
        """Keeps parts in `store` until `intake` has made a recording of them."""
        self._store = store
        self._intake = intake
        self._part_bytes = part_bytes

    async def received(self, sha256: str) -> tuple[int, bool]:
        """Returns how many bytes have arrived, and whether the recording is complete."""
        recordings.checked_sha256(sha256, field="sha256")
        if blob := await recordings.stored(self._store, sha256):
            return blob.size_bytes, True
        return received_bytes(await self._parts(sha256)), False

    async def receive(
        self, sha256: str, size_bytes: int, offset_bytes: int, chunks: AsyncIterator[bytes]
    ) -> Blob:
        """Takes the chunks from `offset_bytes` on and returns the recording once it is whole.

        What arrived before a connection broke is kept. Raises InvalidInputError when a chunk does
        not continue where the last one ended or the bytes are not those that were announced.
        """
        recordings.checked_sha256(sha256, field="header.sha256")
        recordings.refuse_size(size_bytes, self._intake.max_bytes, field="header.size_bytes")
        if blob := await recordings.stored(self._store, sha256):
            return blob
        present_bytes = received_bytes(await self._parts(sha256))
        if not 0 <= offset_bytes <= present_bytes:
            message = (
                f"The first chunk starts at byte {offset_bytes}, but {present_bytes} bytes have "
                "arrived: call GetImport and continue there."
            )
            raise InvalidInputError(message, reason="GAP", field="header.offset_bytes")
        await self._keep(sha256, size_bytes, offset_bytes, chunks)
        return await self._completed(sha256, size_bytes)

    async def sweep(self, before: datetime) -> int:
        """Removes the imports whose last part arrived before this time; returns how many."""
        last_arrivals: dict[str, datetime] = {}
        async for found in self._store.list(IMPORT_KEYS):
            sha256 = sha256_at(found.key)
            known = last_arrivals.get(sha256, found.modified_time)
            last_arrivals[sha256] = max(known, found.modified_time)
        abandoned = [sha256 for sha256, time in last_arrivals.items() if time < before]
        for sha256 in abandoned:
            await self._forget(sha256)
        return len(abandoned)

    async def _keep(
        self, sha256: str, size_bytes: int, offset_bytes: int, chunks: AsyncIterator[bytes]
    ) -> None:
        buffer = bytearray()
        start = offset_bytes
        try:
            async for chunk in chunks:
                buffer += chunk
                if start + len(buffer) > size_bytes:
                    buffer.clear()
                    message = f"More bytes were sent than the {size_bytes} that were announced."
                    raise InvalidInputError(message, reason="SIZE_MISMATCH", field="chunk")
                while len(buffer) >= self._part_bytes:
                    await self._write(sha256, start, bytes(buffer[: self._part_bytes]))
                    del buffer[: self._part_bytes]
                    start += self._part_bytes
        finally:
            # Also when the connection broke: the next call goes on behind these bytes.
            if buffer:
                await self._write(sha256, start, bytes(buffer))

    async def _write(self, sha256: str, start: int, content: bytes) -> None:
        await self._store.create(Part(start, start + len(content)).key(sha256), content)

    async def _completed(self, sha256: str, size_bytes: int) -> Blob:
        parts = await self._parts(sha256)
        if received_bytes(parts) < size_bytes:
            return await self._made_by_another_call(sha256, size_bytes)
        try:
            blob = await self._intake.take(
                self._content(sha256, parts),
                expected_bytes=size_bytes,
                sha256=sha256,
                field="header.size_bytes",
            )
        except NotFoundError:
            return await self._made_by_another_call(sha256, size_bytes)
        await self._forget(sha256)
        if blob is None:
            message = (
                "The bytes that arrived are not those of the announced hash and size: "
                "import the file again from its start."
            )
            raise InvalidInputError(message, reason="HASH_MISMATCH", field="header.sha256")
        return blob

    async def _made_by_another_call(self, sha256: str, size_bytes: int) -> Blob:
        """Parts are missing: another upload of this file was faster, or the stream ended early."""
        if blob := await recordings.stored(self._store, sha256):
            await self._forget(sha256)
            return blob
        present_bytes = received_bytes(await self._parts(sha256))
        message = (
            f"The stream ended after {present_bytes} of {size_bytes} bytes: "
            "call GetImport and send the rest."
        )
        raise UnavailableError(message, reason="INCOMPLETE_IMPORT")

    async def _content(self, sha256: str, parts: list[Part]) -> AsyncIterator[bytes]:
        for piece in pieces_of(parts):
            key = piece.part.key(sha256)
            async for content in self._store.stream(key, offset_bytes=piece.skipped_bytes):
                yield content

    async def _parts(self, sha256: str) -> list[Part]:
        keys = [found.key async for found in self._store.list(folder_of(sha256))]
        return [part for key in keys if (part := part_at(key))]

    async def _forget(self, sha256: str) -> None:
        for key in [found.key async for found in self._store.list(folder_of(sha256))]:
            await self._store.delete(key)
