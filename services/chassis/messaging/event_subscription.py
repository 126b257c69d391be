"""Hearing facts: one event at a time, acknowledged when its handler has returned."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import nats.errors
import structlog
from google.protobuf.message import Message
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as NatsSubscription

from services.chassis.beside import end, running_beside
from services.chassis.bus import EventHandler
from services.chassis.errors import ServiceError
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.step_headers import context_in
from services.chassis.queue_worker.settling import RetryPolicy

WAIT_SECONDS = 3.0
RETRY_SECONDS = 0.5
RETRIES = RetryPolicy(first_delay_seconds=0.5, longest_delay_seconds=30.0)

log = structlog.get_logger()


class EventSubscription:
    """A running subscription to some events of the EVENTS stream."""

    def __init__(
        self,
        puller: Puller,
        types: Mapping[str, type[Message]],
        handler: EventHandler,
        *,
        ensure: Callable[[], Awaitable[None]],
        ack_wait_seconds: float,
    ) -> None:
        """Starts at once; `types` is by subject, `ensure` makes the consumer if it is missing."""
        self._puller = puller
        self._types = types
        self._handler = handler
        self._ensure = ensure
        self._ack_wait_seconds = ack_wait_seconds
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """See Subscription."""
        await end(self._task)

    async def _listen(self) -> None:
        while True:
            try:
                message = await self._puller.next(WAIT_SECONDS)
                if message:
                    await self._hear(message)
            except ServiceError as error:
                log.warning("events.unavailable", reason=error.reason)
                await asyncio.sleep(RETRY_SECONDS)
                with suppress(ServiceError):
                    await self._ensure()
            except (nats.errors.Error, OSError) as error:
                log.warning("events.unsettled", error=type(error).__name__)
            except Exception:  # without it nothing would be heard any more
                log.exception("events.failed")
                await asyncio.sleep(RETRY_SECONDS)

    async def _hear(self, message: Msg) -> None:
        try:
            event = self._types[message.subject].FromString(message.data)
            async with running_beside(self._heartbeat(message)):
                await self._handler(event, context_in(message.headers))
        except Exception:
            tries = message.metadata.num_delivered
            log.exception("event.handler_failed", subject=message.subject, delivery=tries)
            await message.nak(RETRIES.delay_seconds(tries))
        else:
            await message.ack()

    async def _heartbeat(self, message: Msg) -> None:
        while True:
            await asyncio.sleep(self._ack_wait_seconds / 3)
            await message.in_progress()


class ProgressSubscription:
    """A running look at the progress of all runs."""

    def __init__(self, inner: NatsSubscription) -> None:
        """Ends `inner` when stopped."""
        self._inner = inner

    async def stop(self) -> None:
        """See Subscription."""
        with suppress(nats.errors.Error):
            await self._inner.unsubscribe()
