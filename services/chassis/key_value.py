"""Small values under keys, changed by compare-and-set: the state of runs, counts of failures."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.chassis.errors import InvalidInputError

KEY = re.compile(r"[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key as it was at one revision."""

    key: str
    value: bytes
    """Empty when `deleted`."""
    revision: int
    """Grows with every change; pass it to `update` to change exactly what was read."""
    deleted: bool = False
    """True only in what `watch` yields, for a key that was removed."""


class KeyValue(Protocol):
    """One bucket. Keys are made of `-/_=.a-zA-Z0-9`; values stay under 1 MiB.

    Every method raises InvalidInputError for a malformed key and UnavailableError when the
    server cannot be reached.
    """

    async def get(self, key: str) -> Entry | None:
        """Returns the latest entry of `key`, or None when there is none."""

    async def create(self, key: str, value: bytes) -> int:
        """Writes a key that does not exist and returns its revision. Raises ConflictError."""

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Replaces what was read at `revision` and returns the new revision.

        Raises ConflictError when somebody else changed it since: read again and redo the change.
        """

    async def delete(self, key: str, revision: int | None = None) -> None:
        """Removes `key`; removing what is not there is no error.

        With a `revision` it removes exactly what was read, and raises ConflictError when that is
        no longer there as it was.
        """

    async def keys(self, prefix: str = "") -> list[str]:
        """Returns the existing keys that start with `prefix`, sorted."""

    def untouched(self, prefix: str, before: datetime) -> AsyncIterator[Entry]:
        """Yields the entries whose keys start with `prefix` and that were last written before then.

        The oldest come first, each asked for when it is wanted: it costs what is read of it. What
        changes meanwhile counts as touched.
        """

    def watch(self, prefix: str = "") -> AsyncIterator[Entry]:
        """Yields the present entries whose keys start with `prefix`, then every change, for ever.

        Changes in quick succession may be merged into the last one.
        """


def checked_key(key: str) -> str:
    """Returns `key` if NATS allows it, else raises InvalidInputError."""
    if not KEY.fullmatch(key):
        message = f"{key!r} is not a key: use letters, digits and -/_=. without an empty part."
        raise InvalidInputError(message, reason="INVALID_KEY")
    return key
