"""Recordings: files that somebody gave us, named by the sha256 of their bytes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import Blob
from services.chassis.errors import InvalidInputError, NotFoundError

SHA256 = re.compile(r"[0-9a-f]{64}")


def checked_sha256(text: str, *, field: str) -> str:
    """Returns `text` when it is a sha256 in lower-case hexadecimal; else InvalidInputError."""
    if not SHA256.fullmatch(text):
        message = f"{field} must be a SHA-256 as 64 lower-case hexadecimal digits."
        raise InvalidInputError(message, reason="INVALID_SHA256", field=field)
    return text


async def stored(store: ArtifactStore, recording_id: str) -> Blob | None:
    """Returns the blob of a recording, or None when it is not there."""
    found = await store.stat(Blob(recording_id, 0).key)
    return Blob(recording_id, found.size_bytes) if found else None


@asynccontextmanager
async def opened(store: ArtifactStore, recording_id: str) -> AsyncIterator[Path]:
    """Gives a path to read the recording from; its name holds nothing that a user chose.

    Raises InvalidInputError for a malformed id and NotFoundError for an unknown one.
    """
    blob = await stored(store, checked_sha256(recording_id, field="recording_id"))
    if blob is None:
        message = f"There is no recording {recording_id}: import the file first."
        raise NotFoundError(message, reason="RECORDING_NOT_FOUND", field="recording_id")
    async with store.opened(blob.key) as path:
        yield path


def refuse_size(size_bytes: int, max_bytes: int, *, field: str) -> None:
    """Raises InvalidInputError for a file that is empty or too large."""
    if size_bytes <= 0:
        message = "The file is empty: record or copy it again."
        raise InvalidInputError(message, reason="EMPTY_FILE", field=field)
    if size_bytes > max_bytes:
        message = (
            f"The file has {size_bytes} bytes, more than the {max_bytes} that this server takes: "
            "cut it into shorter recordings."
        )
        raise InvalidInputError(message, reason="FILE_TOO_LARGE", field=field)
