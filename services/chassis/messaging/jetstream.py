"""The connection to NATS: found at start, kept for ever, and what hangs on it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import nats.errors
from google.protobuf.message import Message
from nats.js.errors import APIError, ServiceUnavailableError

from services.chassis.beside import running_beside
from services.chassis.bus import EventHandler, ProgressHandler, Subscription
from services.chassis.errors import UnavailableError
from services.chassis.messaging.connection import RETRY_SECONDS, Connection
from services.chassis.messaging.jetstream_bus import JetStreamBus
from services.chassis.messaging.jetstream_key_value import JetStreamKeyValue, open_bucket
from services.chassis.messaging.jetstream_queue import JetStreamWorkQueue
from services.chassis.messaging.nats_errors import PublishRefusedError
from services.chassis.messaging.reconnections import Reconnections
from services.chassis.messaging.streams import StreamLimits, ensure_streams
from services.chassis.settings import ServiceSettings

PATIENCE_SECONDS = 30.0
REQUEST_TIMEOUT_SECONDS = 5.0
NOT_YET_UP = (ServiceUnavailableError, nats.errors.TimeoutError)
NO_PEERS = 10005


class JetStreamLink:
    """One connection with JetStream behind it.

    It reconnects for ever after the first success; until then calls raise UnavailableError.
    """

    def __init__(
        self, connection: Connection, settings: ServiceSettings, reconnections: Reconnections
    ) -> None:
        """Use `connect` instead."""
        self._settings = settings
        self.connection = connection
        self.jetstream = connection.jetstream(timeout=REQUEST_TIMEOUT_SECONDS)
        self.reconnections = reconnections
        self.bus = JetStreamBus(connection, self.jetstream, settings.ack_wait_seconds)
        self.work_queue = JetStreamWorkQueue(connection, self.jetstream)

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        settings: ServiceSettings,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        limits: StreamLimits | None = None,
    ) -> AsyncIterator["JetStreamLink"]:
        """Connects to `settings.nats_url`, makes the streams, and closes all at the end.

        Raises UnavailableError when after `patience_seconds` there is no server that answers, or
        none with JetStream, and at once when the server refuses the user, or a subject to it.
        """
        limits = limits or StreamLimits(
            work_max_bytes=settings.work_queue_max_bytes,
            events_max_age_seconds=settings.events_max_age_seconds,
            replica_count=settings.nats_replicas,
        )
        reconnections = Reconnections()
        connection = Connection(settings, reconnections)
        await connection.open(patience_seconds)
        link = cls(connection, settings, reconnections)
        try:
            await link._prepare(limits, patience_seconds)
            async with running_beside(link._restore_streams(limits)):
                yield link
        finally:
            await link.bus.stop()
            await connection.leave()

    async def subscribe(
        self, durable: str, events: Sequence[type[Message]], handler: EventHandler
    ) -> Subscription:
        """See Subscriber."""
        return await self.bus.subscribe(durable, events, handler)

    async def watch_progress(self, handler: ProgressHandler) -> Subscription:
        """See Subscriber."""
        return await self.bus.watch_progress(handler)

    async def key_value(self, bucket: str, *, ttl_seconds: float = 0.0) -> JetStreamKeyValue:
        """Returns the bucket, made if need be; entries vanish `ttl_seconds` after they changed."""
        opened = await open_bucket(
            self.jetstream,
            bucket,
            ttl_seconds,
            replica_count=self._settings.nats_replicas,
            may_update=self._settings.leads_runs,
        )
        return JetStreamKeyValue(opened, self.jetstream, bucket, self.reconnections)

    async def _restore_streams(self, limits: StreamLimits) -> None:
        """A server that came back with an empty disk gets its streams again."""
        while True:
            await self.reconnections.wait()
            with suppress(UnavailableError):
                await self._prepare(limits, PATIENCE_SECONDS)

    async def _prepare(self, limits: StreamLimits, patience_seconds: float) -> None:
        """A server that was just started may take a moment until JetStream answers."""
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                return await ensure_streams(
                    self.jetstream, limits, may_update=self._settings.leads_runs
                )
            except PublishRefusedError as error:
                raise UnavailableError(str(error), reason="BUS_REFUSES_SUBJECT") from error
            except (APIError, nats.errors.Error) as error:
                is_soon_up = isinstance(error, NOT_YET_UP) or _lacks_peers(error)
                if not is_soon_up or time.monotonic() > deadline:
                    raise _refusal_of_streams(error, is_up=not is_soon_up) from error
            await asyncio.sleep(RETRY_SECONDS)


def _lacks_peers(error: Exception) -> bool:
    """Says whether a cluster has not found together yet."""
    return isinstance(error, APIError) and error.err_code == NO_PEERS


def _refusal_of_streams(error: Exception, *, is_up: bool) -> UnavailableError:
    if is_up:
        message = (
            f"NATS does not accept our streams ({error}): check its storage limits and "
            "TTSTRAINER_NATS_REPLICAS."
        )
        return UnavailableError(message, reason="JETSTREAM_REFUSED")
    message = (
        "NATS answers, but its JetStream does not: start nats-server with -js and a writable "
        "-sd directory, and enough servers of a cluster for TTSTRAINER_NATS_REPLICAS."
    )
    return UnavailableError(message, reason="JETSTREAM_UNAVAILABLE")
