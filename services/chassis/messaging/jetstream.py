"""The connection to NATS: found at start, kept for ever, and what hangs on it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import nats
import nats.errors
import structlog
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.js.errors import APIError, ServiceUnavailableError

from services.chassis.beside import running_beside
from services.chassis.bus import EventHandler, ProgressHandler, Subscription
from services.chassis.errors import UnavailableError
from services.chassis.messaging.jetstream_bus import JetStreamBus
from services.chassis.messaging.jetstream_key_value import JetStreamKeyValue, open_bucket
from services.chassis.messaging.jetstream_queue import JetStreamWorkQueue
from services.chassis.messaging.reconnections import Reconnections
from services.chassis.messaging.streams import StreamLimits, ensure_streams
from services.chassis.settings import ServiceSettings

PATIENCE_SECONDS = 30.0
RETRY_SECONDS = 0.25
REQUEST_TIMEOUT_SECONDS = 5.0

log = structlog.get_logger()


class JetStreamLink:
    """One connection with JetStream behind it.

    It reconnects for ever after the first success; until then calls raise UnavailableError.
    """

    def __init__(
        self, connection: Client, settings: ServiceSettings, reconnections: Reconnections
    ) -> None:
        """Use `connect` instead."""
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
        none with JetStream.
        """
        limits = limits or StreamLimits(
            work_max_bytes=settings.work_queue_max_bytes,
            events_max_age_seconds=settings.events_max_age_seconds,
        )
        reconnections = Reconnections()
        connection = await _connected(settings, reconnections, patience_seconds)
        link = cls(connection, settings, reconnections)
        try:
            await link._prepare(limits, patience_seconds)
            async with running_beside(link._restore_streams(limits)):
                yield link
        finally:
            await link.bus.stop()
            with suppress(nats.errors.Error, OSError):
                await connection.close()

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
        opened = await open_bucket(self.jetstream, bucket, ttl_seconds)
        return JetStreamKeyValue(opened, self.reconnections)

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
                return await ensure_streams(self.jetstream, limits)
            except (ServiceUnavailableError, nats.errors.TimeoutError) as error:
                if time.monotonic() > deadline:
                    message = (
                        "NATS answers, but its JetStream does not: start nats-server with -js "
                        "and a writable -sd directory."
                    )
                    raise UnavailableError(message, reason="JETSTREAM_UNAVAILABLE") from error
            except (APIError, nats.errors.Error) as error:
                message = f"NATS does not accept our streams ({error}): check its storage limits."
                raise UnavailableError(message, reason="JETSTREAM_REFUSED") from error
            await asyncio.sleep(RETRY_SECONDS)


async def _connected(
    settings: ServiceSettings, reconnections: Reconnections, patience_seconds: float
) -> Client:
    async def on_error(error: Exception) -> None:
        log.debug("nats.error", error=type(error).__name__)

    client = Client()

    async def on_disconnected() -> None:
        if not client.is_closed:  # nobody need be told of an end that was asked for
            log.warning("nats.disconnected")

    async def on_reconnected() -> None:
        log.info("nats.reconnected")
        reconnections.announce()

    try:
        async with asyncio.timeout(patience_seconds):
            await client.connect(
                settings.nats_url,
                name=settings.service_name,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RETRY_SECONDS,  # type: ignore[arg-type] # any number will do
                error_cb=on_error,
                disconnected_cb=on_disconnected,
                reconnected_cb=on_reconnected,
            )
            return client
    except TimeoutError as error:
        message = (
            f"No NATS server answered within {patience_seconds:g} s: start one, or set "
            "TTSTRAINER_NATS_URL to where it listens."
        )
        raise UnavailableError(message, reason="BUS_UNAVAILABLE") from error
