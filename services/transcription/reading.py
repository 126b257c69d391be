"""Reads the artifacts that a request names."""

import asyncio

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import CONTENT_KEYS, sha256_of


async def content_id(store: ArtifactStore, uri: str, *, field: str) -> str:
    """Returns the sha256 of what `uri` names: blobs bear it in their name, others are read.

    Raises NotFoundError, and InvalidInputError naming `field` for what is no artifact URI.
    """
    key = key_of(uri, field=field)
    if key.startswith(CONTENT_KEYS):
        return key.removeprefix(CONTENT_KEYS)
    async with store.opened(key) as path:
        return await asyncio.to_thread(sha256_of, path)
