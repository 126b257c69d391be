"""A bucket in memory: read at once, changed by compare-and-set, kept fresh by what it tells."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import structlog

from bot.state import keys
from bot.state.codec import Codec
from bot.state.kinds.kind import UnreadableValueError
from services.chassis.errors import ConflictError, OverloadedError, UnavailableError
from services.chassis.key_value import Entry, KeyValue

TRIES: Final = 40
"""How often a change is made anew on what another replica wrote meanwhile."""
PAUSE_SECONDS: Final = 0.05
"""The longest pause before it is."""
RETRY_SECONDS: Final = 1.0
"""The pause before a bucket that does not answer is read again, at the start."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a key held at a revision; None for nothing."""

    revision: int
    value: Any


class Mirror:
    """All values of a bucket that this release knows. Reading needs no server.

    Changes raise UnavailableError when the server does not answer, and OverloadedError when others
    change the same key all the time.
    """

    def __init__(self, bucket: KeyValue, *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Is empty until `run` has read `bucket`."""
        self._bucket = bucket
        self._retry_seconds = retry_seconds
        self._held: dict[str, _Held] = {}
        self._is_read = asyncio.Event()

    async def run(self) -> None:
        """Reads what is there and follows all changes, for ever."""
        mark = await self._marked()
        async with aclosing(cast("Any", self._bucket.watch())) as changes:
            async for entry in changes:
                self._take(entry)
                # Entries come in the order of their revisions.
                if entry.revision >= mark and not self._is_read.is_set():
                    log.info("bot_state.read", key_count=len(self._held))
                    self._is_read.set()

    async def ready(self) -> None:
        """Waits until `run` has read what was there."""
        await self._is_read.wait()

    def read(self, key: str, codec: Codec[T]) -> T:
        """Returns what `key` holds."""
        held = self._held.get(key)
        return codec.default if held is None or held.value is None else cast("T", held.value)

    def held(self) -> Iterator[tuple[str, Any]]:
        """Yields all keys with what they hold."""
        # Of a copy: what was yielded may be changed before the next is asked for.
        return ((key, it.value) for key, it in list(self._held.items()) if it.value is not None)

    async def listed(self, prefix: str) -> list[str]:
        """Returns the keys that begin so, those of newer releases too, as the server knows them."""
        return await self._bucket.keys(prefix)

    async def change(self, key: str, codec: Codec[T], change: Callable[[T], T]) -> T:
        """Puts what `change` makes of what is there in its place, and returns it.

        `change` may be called again, on what somebody else wrote meanwhile; what it raises goes to
        the caller.
        """
        changed = codec.default

        def encoded(found: Entry | None) -> bytes:
            nonlocal changed
            changed = change(_decoded(found, codec) if found else codec.default)
            return codec.encode(changed, found.value if found else b"")

        await self._written(key, encoded)
        return changed

    async def erase(self, key: str) -> bool:
        """Removes all that is under `key`, fields of newer releases too; says if there was any."""
        was_there = False

        def nothing(found: Entry | None) -> bytes:
            nonlocal was_there
            was_there = found is not None
            return b""

        await self._written(key, nothing)
        return was_there

    async def _marked(self) -> int:
        """Returns a revision of now: what was there is read when a later one is seen."""
        while True:
            try:
                return await self._written(keys.READ, _counted_up)
            except UnavailableError:
                log.warning("bot_state.unavailable", retry_seconds=self._retry_seconds)
                await asyncio.sleep(self._retry_seconds)

    def _take(self, entry: Entry) -> None:
        """Remembers what a key holds now, unless something newer is known."""
        held = self._held.get(entry.key)
        if held and held.revision >= entry.revision:
            return
        if entry.deleted:
            self._held.pop(entry.key, None)
        elif codec := keys.codec_of(entry.key):
            self._held[entry.key] = _Held(entry.revision, _decoded(entry, codec))

    async def _written(self, key: str, change: Callable[[Entry | None], bytes]) -> int:
        """Puts what `change` makes of an entry in its place; nothing where that is b"".

        Returns the revision that it has now.
        """
        for _ in range(TRIES):
            found = await self._bucket.get(key)
            value = change(found)
            try:
                return await self._replaced(key, found, value)
            except ConflictError:
                await asyncio.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - no secret
        message = "Others change this at the same time: try again in a moment."
        raise OverloadedError(message, reason="CHANGED_TOO_OFTEN", retry_after_seconds=1.0)

    async def _replaced(self, key: str, found: Entry | None, value: bytes) -> int:
        """Replaces what was found, and remembers it before the watch tells."""
        revision = found.revision if found else 0
        if not value:
            if found:
                await self._bucket.delete(key, revision)
                held = self._held.get(key)
                if held and held.revision <= revision:  # the watch has not told of it yet
                    self._held[key] = _Held(revision, None)
            return revision
        if found is None:
            revision = await self._bucket.create(key, value)
        elif found.value != value:
            revision = await self._bucket.update(key, value, revision)
        self._take(Entry(key, value, revision))
        return revision


def _counted_up(found: Entry | None) -> bytes:
    return str(int(found.value) + 1 if found and found.value.isdigit() else 1).encode()


def _decoded(entry: Entry, codec: Codec[T]) -> T:
    try:
        return codec.decode(entry.value)
    except UnreadableValueError:
        log.warning("bot_state.unreadable", key=entry.key, revision=entry.revision)
        return codec.default
