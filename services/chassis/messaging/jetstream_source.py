"""The taking side of the work queues."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from services.chassis.errors import UnavailableError
from services.chassis.messaging.nats_errors import translated_nats_errors
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.step_headers import context_in
from services.chassis.messaging.streams import (
    CANCEL_SUBJECTS,
    WORK,
    WORK_SUBJECTS,
    WORKERS_SUBJECTS,
    durable_name,
)

WAIT_SECONDS = 3.0
UNLIMITED = -1


class JetStreamDelivery:
    """Delivery of one message of the WORK stream."""

    def __init__(self, method: str, message: Msg) -> None:
        """Wraps `message`, which asks for `method`."""
        self.method = method
        self.data: bytes = message.data
        self.headers: Mapping[str, str] = message.headers or {}
        self.context = context_in(message.headers)
        self.delivery_count: int = message.metadata.num_delivered
        self._message = message

    async def ack(self) -> None:
        """See Delivery."""
        with translated_nats_errors():
            await self._message.ack()

    async def nak(self, delay_seconds: float = 0.0) -> None:
        """See Delivery."""
        with translated_nats_errors():
            await self._message.nak(delay_seconds)

    async def term(self) -> None:
        """See Delivery."""
        with translated_nats_errors():
            await self._message.term()

    async def in_progress(self) -> None:
        """See Delivery."""
        with translated_nats_errors():
            await self._message.in_progress()


class JetStreamWorkSource:
    """WorkSource over one durable consumer per method, shared by all workers of the method."""

    def __init__(
        self,
        connection: Client,
        jetstream: JetStreamContext,
        methods: Sequence[str],
        *,
        ack_wait_seconds: float,
        max_deliveries: int,
    ) -> None:
        """Uses a connection that stays open."""
        self._connection = connection
        self._jetstream = jetstream
        self._pullers = deque(
            (method, Puller(connection, WORK, durable_name(method))) for method in methods
        )
        self._ack_wait_seconds = ack_wait_seconds
        self._max_deliveries = max_deliveries
        self._cancelled_meanwhile: set[str] = set()

    @asynccontextmanager
    async def open(self, cancel_run: Callable[[str], None]) -> AsyncIterator[None]:
        """Makes the consumers, shows that a worker is here, and listens for cancelled runs."""

        async def on_cancel(message: Msg) -> None:
            run_id = message.subject.removeprefix(CANCEL_SUBJECTS)
            self._cancelled_meanwhile.add(run_id)
            cancel_run(run_id)

        async def on_presence(message: Msg) -> None:
            await message.respond(b"")

        await self._ensure_consumers()
        with translated_nats_errors():
            subscriptions = [await self._connection.subscribe(CANCEL_SUBJECTS + "*", cb=on_cancel)]
            for method, _ in self._pullers:
                subject = WORKERS_SUBJECTS + method
                subscriptions.append(
                    await self._connection.subscribe(subject, queue="workers", cb=on_presence)
                )
        try:
            yield
        finally:
            for subscription in subscriptions:
                with suppress(nats.errors.Error):
                    await subscription.unsubscribe()

    async def next(self) -> JetStreamDelivery:
        """See WorkSource."""
        while True:
            self._cancelled_meanwhile.clear()
            try:
                found = await self._found_now() or await self._found_soon()
            except UnavailableError:
                if self._connection.is_connected:
                    await self._ensure_consumers()
                raise
            if found and self._may_be_cancelled(found):
                # It has left the queue before we heard so, and never comes again; what was queued
                # after the cancel, by a retry, does, at once.
                await found.nak()
            elif found:
                return found

    def _may_be_cancelled(self, found: JetStreamDelivery) -> bool:
        """Says whether a cancel was heard on the way of a request that has not begun yet."""
        return found.context is not None and found.context.run_id in self._cancelled_meanwhile

    async def _found_now(self) -> JetStreamDelivery | None:
        """Looks into each queue once, starting after the one that was served last."""
        if len(self._pullers) == 1:
            return None
        for _ in range(len(self._pullers)):
            method, puller = self._pullers[0]
            self._pullers.rotate(-1)
            if message := await puller.next(0):
                return JetStreamDelivery(method, message)
        return None

    async def _found_soon(self) -> JetStreamDelivery | None:
        """Waits at all queues together; what a second one hands out meanwhile goes back."""
        tasks = {
            asyncio.create_task(puller.next(WAIT_SECONDS)): method
            for method, puller in self._pullers
        }
        surplus_start = 0
        try:
            await _first_success(set(tasks))
            surplus_start = 1
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            found = [
                JetStreamDelivery(method, result)
                for method, result in zip(tasks.values(), results, strict=True)
                if isinstance(result, Msg)
            ]
            for surplus in found[surplus_start:]:
                with suppress(UnavailableError):
                    await surplus.nak()
        if found:
            return found[0]
        for result in results:
            if isinstance(result, UnavailableError):
                raise result
        return None

    async def _ensure_consumers(self) -> None:
        for method, _ in self._pullers:
            config = ConsumerConfig(
                name=durable_name(method),
                durable_name=durable_name(method),
                filter_subject=f"{WORK_SUBJECTS}{method}.*",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._ack_wait_seconds,
                max_deliver=self._max_deliveries,
                max_ack_pending=UNLIMITED,
            )
            with translated_nats_errors():
                await self._jetstream.add_consumer(WORK, config)


async def _first_success(tasks: set[asyncio.Task[Msg | None]]) -> None:
    """Returns when a task has found a message or failed, or when all are done."""
    while tasks:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() or task.result() for task in done):
            return
