"""Recordings that lie in the store only while somebody listens to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import Blob, add_bytes, blob_of_bytes


@dataclass(frozen=True, slots=True)
class PassingRecording:
    """A recording that other services can read for a while."""

    blob: Blob
    derived_uris: list[str] = field(default_factory=list)
    """What they made of it: whatever stands here goes with it."""


@asynccontextmanager
async def passing(store: ArtifactStore, content: bytes) -> AsyncIterator[PassingRecording]:
    """Keeps a recording, and what is derived from it, for as long as the block runs.

    What lay in the store before stays there.
    """
    expected = await asyncio.to_thread(blob_of_bytes, content)
    if await store.stat(expected.key):
        yield PassingRecording(expected)
        return
    recording = PassingRecording(await add_bytes(store, content))
    arrived = await store.stat(recording.blob.key)
    try:
        yield recording
    finally:
        for uri in recording.derived_uris:
            if arrived:
                await _delete_if_younger(store, key_of(uri), arrived.modified_time)
        await store.delete(recording.blob.key)


async def _delete_if_younger(store: ArtifactStore, key: str, time: datetime) -> None:
    """What is older was derived from another recording that sounds the same."""
    found = await store.stat(key)
    if found and found.modified_time >= time:
        await store.delete(key)
