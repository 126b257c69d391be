"""A key-value bucket over JetStream."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import TypeVar

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import Header, KeyValueConfig, StorageType
from nats.js.errors import (
    APIError,
    KeyNotFoundError,
    KeyWrongLastSequenceError,
    NoStreamResponseError,
    NotFoundError,
)
from nats.js.kv import KV_OP, KV_PURGE, MSG_ROLLUP_SUBJECT
from nats.js.kv import KeyValue as Bucket

from services.chassis.errors import ConflictError, UnavailableError
from services.chassis.key_value import Entry, checked_key
from services.chassis.messaging.nats_errors import translated_nats_errors
from services.chassis.messaging.reconnections import Reconnections
from services.chassis.messaging.streams import NAME_IN_USE

RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 5.0
MARKER_SECONDS = 3600.0
"""How long the server remembers that a key was removed: longer than a watcher is away."""
LISTING_SECONDS = 5.0
"""How long the server keeps the consumer of a listing after it: it lets 1,000 be, and no more."""
WRONG_SEQUENCES = {10071, 10164}
"""JSStreamWrongLastSequence: the key is at another revision."""

T = TypeVar("T")


async def open_bucket(
    jetstream: JetStreamContext,
    name: str,
    ttl_seconds: float,
    *,
    replica_count: int,
    may_update: bool,
) -> Bucket:
    """Returns the bucket, which is made if need be; an existing one keeps its time to live.

    With `may_update` an existing one gets `replica_count` replicas.
    """
    config = KeyValueConfig(
        bucket=name,
        ttl=ttl_seconds or None,
        storage=StorageType.FILE,
        replicas=replica_count,
        direct=False,  # reads come from the leader: a replica may lag behind what we wrote
    )
    with translated_nats_errors():
        try:
            return await jetstream.create_key_value(config)
        except APIError as error:
            if error.err_code != NAME_IN_USE:
                raise
        bucket = await jetstream.key_value(name)
        if may_update:
            await _replicate(jetstream, bucket, replica_count)
        return bucket


async def _replicate(jetstream: JetStreamContext, bucket: Bucket, replica_count: int) -> None:
    present = (await bucket.status()).stream_info.config
    if present.num_replicas != replica_count:
        await jetstream.update_stream(present.evolve(num_replicas=replica_count))


class JetStreamKeyValue:
    """KeyValue over one bucket."""

    def __init__(
        self,
        bucket: Bucket,
        jetstream: JetStreamContext,
        name: str,
        reconnections: Reconnections,
        *,
        marker_seconds: float = MARKER_SECONDS,
    ) -> None:
        """Uses a bucket of that name, whose connection stays open."""
        self._bucket = bucket
        self._jetstream = jetstream
        self._stream = f"KV_{name}"
        self._subjects = f"$KV.{name}."
        self._reconnections = reconnections
        self._marker_seconds = marker_seconds

    async def get(self, key: str) -> Entry | None:
        """See KeyValue."""
        with translated_nats_errors():
            try:
                found = await self._bucket.get(checked_key(key))
            except KeyNotFoundError:
                return None
        return Entry(key, found.value or b"", found.revision or 0)

    async def create(self, key: str, value: bytes) -> int:
        """See KeyValue."""
        with translated_nats_errors(), _conflicts(key):
            return await _stored(partial(self._bucket.create, checked_key(key), value))

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """See KeyValue."""
        with translated_nats_errors(), _conflicts(key):
            return await _stored(partial(self._bucket.update, checked_key(key), value, revision))

    async def delete(self, key: str, revision: int | None = None) -> None:
        """See KeyValue."""
        subject = self._subjects + checked_key(key)
        headers = {KV_OP: KV_PURGE, Header.ROLLUP.value: MSG_ROLLUP_SUBJECT}
        if revision is not None:
            headers[Header.EXPECTED_LAST_SUBJECT_SEQUENCE.value] = str(revision)
        with translated_nats_errors(), _conflicts(key):
            # Not the client's own: its markers stay for ever, or heed no revision.
            await _stored(
                lambda: self._jetstream.publish(
                    subject, headers=headers, msg_ttl=self._marker_seconds
                )
            )

    async def keys(self, prefix: str = "") -> list[str]:
        """See KeyValue."""
        # Once in a thousand times the client takes a bucket for empty whose keys are on their way.
        found = await self._listed(prefix) or await self._listed(prefix)
        return sorted(key for key in found if key.startswith(prefix))

    async def _listed(self, prefix: str) -> list[str]:
        found: list[str] = []
        with translated_nats_errors():
            watcher = await self._bucket.watch(
                _pattern(prefix),
                ignore_deletes=True,
                meta_only=True,
                inactive_threshold=LISTING_SECONDS,
            )
            try:
                while entry := await watcher.updates():  # type: ignore[no-untyped-call] # nats-py has no types here
                    found.append(entry.key)
            finally:
                await watcher.stop()  # type: ignore[no-untyped-call] # nats-py has no types here
        return found

    async def untouched(self, prefix: str, before: datetime) -> AsyncIterator[Entry]:
        """See KeyValue."""
        subject, revision = self._subjects + _pattern(prefix), 0
        while True:
            with translated_nats_errors():
                try:
                    found = await self._jetstream.get_msg(
                        self._stream, seq=revision + 1, subject=subject, next=True
                    )
                except NotFoundError:
                    return
            if found.time is None or found.time >= before:
                return
            revision, key = found.seq or 0, (found.subject or "").removeprefix(self._subjects)
            if key.startswith(prefix) and KV_OP not in (found.headers or {}):
                yield Entry(key, found.data or b"", revision)

    async def watch(self, prefix: str = "") -> AsyncIterator[Entry]:
        """See KeyValue."""
        seen_revision = 0
        while True:
            try:
                async for entry in self._watched_once(prefix):
                    # After a reconnection everything comes once more: only what is new goes on.
                    if entry.revision > seen_revision:
                        seen_revision = entry.revision
                        yield entry
            except UnavailableError:
                await asyncio.sleep(RETRY_SECONDS)

    async def _watched_once(self, prefix: str) -> AsyncIterator[Entry]:
        """Yields until the connection was lost: the server may have forgotten the watcher."""
        lost = asyncio.create_task(self._reconnections.wait())
        next_update: asyncio.Task[Bucket.Entry] | None = None
        with translated_nats_errors():
            watcher = await self._bucket.watch(_pattern(prefix))
        try:
            updates = aiter(watcher)
            while True:
                next_update = asyncio.ensure_future(anext(updates))
                await asyncio.wait({lost, next_update}, return_when=asyncio.FIRST_COMPLETED)
                if not next_update.done():
                    return
                found = next_update.result()
                if found is not None and found.key.startswith(prefix):
                    deleted = found.operation is not None
                    value = b"" if deleted else (found.value or b"")
                    yield Entry(found.key, value, found.revision or 0, deleted)
        finally:
            lost.cancel()
            if next_update:
                next_update.cancel()
            with suppress(nats.errors.Error):
                await watcher.stop()  # type: ignore[no-untyped-call] # nats-py has no types here


async def _stored(write: Callable[[], Awaitable[T]]) -> T:
    """Returns what `write` returns, trying again while nobody is there to take it.

    In a cluster a new bucket is not known everywhere at once, and a leader that died has no
    successor for a moment. Nothing was stored then, so that another try cannot conflict with it.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await write()
        except NoStreamResponseError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(RETRY_SECONDS)


def _pattern(prefix: str) -> str:
    """Returns the subject pattern of the whole parts of `prefix`; the rest is compared here."""
    whole, dot, _ = prefix.rpartition(".")
    return f"{whole}{dot}>"


@contextmanager
def _conflicts(key: str) -> Iterator[None]:
    try:
        yield
    except APIError as error:
        if not isinstance(error, KeyWrongLastSequenceError) and (
            error.err_code not in WRONG_SEQUENCES
        ):
            raise
        message = f"The key {key} was changed by somebody else: read it and try again."
        raise ConflictError(message, reason="REVISION_CONFLICT") from error
