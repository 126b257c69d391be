"""Files of this machine, on their way to a service."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from services.chassis.errors import InvalidInputError

CHUNK_BYTES = 1 << 20


async def chunks_of(path: Path, offset_bytes: int = 0) -> AsyncGenerator[bytes, None]:
    """Yields what a file holds from `offset_bytes` on, 1 MiB at a time.

    Raises:
        InvalidInputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset_bytes)
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise unreadable(path, error) from error


async def fingerprint(path: Path) -> tuple[str, int]:
    """Returns the SHA-256 of a file and how many bytes it has; a cancel is heard at any time.

    Raises:
        InvalidInputError: it cannot be read, or is a pipe or a device, which may never end.
    """
    await asyncio.to_thread(_check_ordinary, path)
    digest, size_bytes = hashlib.sha256(), 0
    async with aclosing(chunks_of(path)) as chunks:
        async for chunk in chunks:
            await asyncio.to_thread(digest.update, chunk)
            size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes


def checked_file(path: Path) -> Path:
    """Returns a file that can be read and holds something.

    Raises:
        InvalidInputError: it cannot, or does not.
    """
    _check_ordinary(path)
    try:
        with path.open("rb") as file:
            if file.read(1):
                return path
    except OSError as error:
        raise unreadable(path, error) from error
    message = f"{path.name} is empty: there is nothing in it to hear."
    raise InvalidInputError(message, reason="EMPTY_FILE")


def _check_ordinary(path: Path) -> None:
    if path.exists() and not path.is_file():
        message = f"{path.name} is no ordinary file: save what comes out of it as a file first."
        raise InvalidInputError(message, reason="UNREADABLE_FILE")


def unreadable(path: Path, error: OSError) -> InvalidInputError:
    """Returns what a person is told of a file that cannot be read."""
    message = f"{path.name} cannot be read: {error.strerror or type(error).__name__}."
    return InvalidInputError(message, reason="UNREADABLE_FILE")


def wire_text(name: str) -> str:
    """Returns a file's name as valid unicode: Linux allows names that are none."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
