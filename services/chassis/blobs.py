"""Content-addressed objects: a blob's name is the sha256 of its bytes, so it never changes."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from services.chassis.artifacts import ArtifactStore, key_of, uri_of
from services.chassis.errors import InvalidInputError

CONTENT_KEYS = "blobs/"

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob that lies in the store."""

    sha256: str
    """Of its content, as 64 lower-case hexadecimal digits."""
    size_bytes: int

    @property
    def key(self) -> str:
        """Where it lies in the store."""
        return f"{CONTENT_KEYS}{self.sha256}"

    @property
    def uri(self) -> str:
        """Its name on the wire."""
        return uri_of(self.key)


async def add_file(store: ArtifactStore, path: Path) -> Blob:
    """Keeps the file at `path` as a blob; uploads nothing when the store has it already."""
    blob = await asyncio.to_thread(_blob_of_file, path)
    if not await _is_kept(store, blob):
        await store.put(blob.key, path)
    return blob


async def add_bytes(store: ArtifactStore, content: bytes) -> Blob:
    """Keeps `content` as a blob; uploads nothing when the store has it already."""
    blob = await asyncio.to_thread(blob_of_bytes, content)
    if not await _is_kept(store, blob):
        await store.write(blob.key, content)
    return blob


async def add_message(store: ArtifactStore, message: Message) -> Blob:
    """Keeps a bulk document as JSON that is the same bytes for equal messages."""
    return await add_bytes(store, await asyncio.to_thread(canonical_json, message))


async def read_message(store: ArtifactStore, uri: str, message_type: type[M]) -> M:
    """Reads back a document that `add_message` kept.

    Raises NotFoundError when nothing lies there and InvalidInputError when it is not a
    `message_type`; fields that this version does not know are ignored.
    """
    content = await store.read(key_of(uri))
    try:
        return await asyncio.to_thread(_parsed, content, message_type)
    except (json_format.ParseError, UnicodeDecodeError) as error:
        name = message_type.DESCRIPTOR.full_name
        message = f"The artifact {uri} is not a {name} document."
        raise InvalidInputError(message, reason="NOT_A_DOCUMENT", field="uri") from error


def canonical_json(message: Message) -> bytes:
    """Returns `message` as compact JSON with sorted keys: equal messages give equal bytes."""
    fields = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def blob_of_bytes(content: bytes) -> Blob:
    """Returns the blob that holds `content`, whether it lies in the store or not."""
    return Blob(hashlib.sha256(content).hexdigest(), len(content))


def sha256_of(path: Path) -> str:
    """Returns the sha256 of the file at `path` in hexadecimal, reading it in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _blob_of_file(path: Path) -> Blob:
    return Blob(sha256_of(path), path.stat().st_size)


async def _is_kept(store: ArtifactStore, blob: Blob) -> bool:
    kept = await store.stat(blob.key)
    return kept is not None and kept.size_bytes == blob.size_bytes


def _parsed(content: bytes, message_type: type[M]) -> M:
    return json_format.Parse(content.decode(), message_type(), ignore_unknown_fields=True)
