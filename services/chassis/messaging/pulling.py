"""Taking one message at a time from a durable consumer, so that nothing is held that waits."""

import asyncio
import json
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.chassis.errors import UnavailableError
from services.chassis.messaging.nats_errors import translated_nats_errors

NOTHING_THERE = {"404", "408"}
GRACE_SECONDS = 1.0
GOODBYE_SECONDS = 1.0
NANOSECONDS = 1_000_000_000


class Puller:
    """Asks one consumer of one stream for messages.

    The client library's `fetch` keeps one inbox for ever and can lose what arrives after a
    cancelled call until `ack_wait` is over; here each call has its own inbox and gives back what
    comes too late.
    """

    def __init__(self, connection: Client, stream: str, consumer: str) -> None:
        """Sends nothing yet."""
        self._connection = connection
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"

    async def next(self, wait_seconds: float) -> Msg | None:
        """Returns the next message, or None when there was none in time.

        With `wait_seconds` 0 only what is there already. Raises UnavailableError when the
        consumer or the server is not there.
        """
        if not self._connection.is_connected:
            raise UnavailableError("NATS is not connected now.", reason="BUS_UNAVAILABLE")
        arrived: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

        async def on_message(message: Msg) -> None:
            if not arrived.done():
                arrived.set_result(message)
            else:
                await _give_back(message)

        with translated_nats_errors():
            inbox = self._connection.new_inbox()
            subscription = await self._connection.subscribe(inbox, cb=on_message)
            try:
                await self._connection.publish(self._subject, _request(wait_seconds), reply=inbox)
                # Does not raise on time-out: a restarted server has forgotten the request.
                await asyncio.wait({arrived}, timeout=wait_seconds + GRACE_SECONDS)
                if arrived.done():
                    await subscription.unsubscribe()
            except BaseException:
                if arrived.done():
                    await _give_back(arrived.result())
                await self._end(arrived, subscription)
                raise
            if not arrived.done():
                await self._end(arrived, subscription)
                return None
        return _message_in(arrived.result())

    async def _end(self, arrived: asyncio.Future[Msg], subscription: Subscription) -> None:
        """Ends a subscription only when all that was on its way has come and was given back."""
        arrived.cancel()
        with suppress(nats.errors.Error, OSError):
            if not self._connection.is_connected:
                await subscription.unsubscribe()
                return
            async with asyncio.timeout(GOODBYE_SECONDS):
                await subscription.drain()  # type: ignore[no-untyped-call] # nats-py has no types here


def _request(wait_seconds: float) -> bytes:
    if wait_seconds <= 0:
        return json.dumps({"batch": 1, "no_wait": True}).encode()
    return json.dumps({"batch": 1, "expires": int(wait_seconds * NANOSECONDS)}).encode()


def _message_in(answer: Msg) -> Msg | None:
    status = _status_of(answer)
    if status in NOTHING_THERE:
        return None
    if status:
        message = f"NATS does not hand out messages now (status {status})."
        raise UnavailableError(message, reason="BUS_UNAVAILABLE")
    return answer


def _status_of(message: Msg) -> str:
    return (message.headers or {}).get("Status", "")


async def _give_back(message: Msg) -> None:
    if not _status_of(message):
        with suppress(nats.errors.Error, OSError):
            await message.nak()
