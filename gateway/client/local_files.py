"""Files of this machine, on their way to a service."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from services.chassis.errors import InvalidInputError

CHUNK_BYTES = 1 << 20


async def chunks_of(path: Path, offset_bytes: int = 0) -> AsyncIterator[bytes]:
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


def checked_file(path: Path) -> Path:
    """Returns a file that can be read and holds something.

    Raises:
        InvalidInputError: it cannot, or does not.
    """
    try:
        with path.open("rb") as file:
            if file.read(1):
                return path
    except OSError as error:
        raise unreadable(path, error) from error
    message = f"{path.name} is empty: there is nothing in it to hear."
    raise InvalidInputError(message, reason="EMPTY_FILE")


def unreadable(path: Path, error: OSError) -> InvalidInputError:
    """Returns what a person is told of a file that cannot be read."""
    message = f"{path.name} cannot be read: {error.strerror or type(error).__name__}."
    return InvalidInputError(message, reason="UNREADABLE_FILE")


def wire_text(name: str) -> str:
    """Returns a file's name as valid unicode: Linux allows names that are none."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
