"""Where bytes are kept: recordings, audio, manifests, datasets, under keys `like/this`."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from services.chassis.errors import InvalidInputError, NotFoundError

PIECE_BYTES = 1 << 20
SCHEME = "artifact://"
MAX_KEY_BYTES = 1024
MAX_KEY_PART_BYTES = 255


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store knows about one object without reading it."""

    key: str
    size_bytes: int
    modified_time: datetime
    """When it was last written, in UTC."""


class ArtifactStore(Protocol):
    """A flat space of objects, in a directory or behind an S3 endpoint.

    A key is unicode text of parts joined by `/`; see `checked_key`. No object may lie "inside"
    another one (`a` and `a/b`). Every method raises InvalidInputError for a malformed key and
    UnavailableError when the store cannot be reached. Whatever is interrupted, an object is
    either there whole or not there.
    """

    async def stat(self, key: str) -> ObjectInfo | None:
        """Returns what is known of `key`, or None when there is no such object."""

    async def read(self, key: str) -> bytes:
        """Returns a small object whole. Raises NotFoundError."""

    async def create(self, key: str, content: bytes) -> bool:
        """Writes `key` unless it exists. Of many racing calls exactly one returns True."""

    async def write(self, key: str, content: bytes) -> None:
        """Writes `key`, replacing what was there."""

    async def put(self, key: str, path: Path) -> None:
        """Streams the file at `path` to `key`, replacing what was there."""

    def stream(self, key: str, *, offset_bytes: int = 0) -> AsyncIterator[bytes]:
        """Yields the object from `offset_bytes` on in pieces of about 1 MiB.

        Raises NotFoundError; an offset at or past the end yields nothing.
        """

    def opened(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Gives a local path to read `key` from, valid inside the `async with`.

        Never write to it. Raises NotFoundError.
        """

    def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Yields the objects whose keys start with `prefix`, in the order of their UTF-8 keys.

        Some stores hold what they know of all of them in memory, a few hundred bytes each.
        """

    async def delete(self, key: str) -> None:
        """Removes `key`; removing what is not there is no error."""


def checked_key(key: str, *, field: str = "") -> str:
    """Returns `key` if it is a clean relative path of non-empty parts, else raises.

    Raises InvalidInputError for empty, absolute, oversized or undecodable keys, for `.` and `..`
    and for NUL; every other character is allowed.
    """
    problem = _problem_with(key)
    if problem:
        message = f"{key!r} is not an artifact key: {problem}."
        raise InvalidInputError(message, reason="INVALID_ARTIFACT_KEY", field=field)
    return key


def uri_of(key: str) -> str:
    """Returns the `artifact://` URI that names `key` on the wire."""
    return SCHEME + quote(checked_key(key), safe="/")


def key_of(uri: str, *, field: str = "uri") -> str:
    """Returns the key that an `artifact://` URI names.

    Raises InvalidInputError naming the request `field` for anything else: other schemes, paths
    of the server's disk, `..`, queries and fragments.
    """
    if not uri.startswith(SCHEME):
        message = f"{uri!r} is not an artifact URI: it must start with {SCHEME!r}."
        raise InvalidInputError(message, reason="INVALID_ARTIFACT_URI", field=field)
    path = uri.removeprefix(SCHEME)
    if "?" in path or "#" in path:
        message = f"{uri!r} is not an artifact URI: it has a query or a fragment."
        raise InvalidInputError(message, reason="INVALID_ARTIFACT_URI", field=field)
    try:
        key = unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        message = f"{uri!r} is not an artifact URI: it does not decode as UTF-8."
        raise InvalidInputError(message, reason="INVALID_ARTIFACT_URI", field=field) from error
    return checked_key(key, field=field)


def missing(key: str) -> NotFoundError:
    """Returns the error for an object that is not there."""
    message = f"There is no artifact {uri_of(key)}: it was never made here, or it was deleted."
    return NotFoundError(message, reason="ARTIFACT_NOT_FOUND", field="uri")


def checked_prefix(prefix: str) -> str:
    """Returns `prefix` if some key can start with it, else raises InvalidInputError."""
    if prefix:
        checked_key(prefix.removesuffix("/"))
    return prefix


def _problem_with(key: str) -> str:
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        return "it is not valid unicode"
    parts = key.split("/")
    if not key or key.startswith("/"):
        return "it must be a relative path"
    if "\0" in key:
        return "it contains a NUL character"
    if any(part in {"", ".", ".."} for part in parts):
        return "it has an empty part, '.' or '..'"
    if len(encoded) > MAX_KEY_BYTES or any(len(p.encode()) > MAX_KEY_PART_BYTES for p in parts):
        return f"it is longer than {MAX_KEY_BYTES} bytes, or a part than {MAX_KEY_PART_BYTES}"
    return ""
