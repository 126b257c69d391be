"""Facts over JetStream: announced into EVENTS, heard through durable consumers."""

from collections.abc import Sequence

from google.protobuf.message import Message
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.chassis.bus import EventHandler, ProgressHandler, StepContext, subject_of
from services.chassis.messaging.event_subscription import EventSubscription, ProgressSubscription
from services.chassis.messaging.nats_errors import translated_nats_errors
from services.chassis.messaging.publishing import publish_stored
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.step_headers import headers_of, message_id_of
from services.chassis.messaging.streams import (
    EVENTS,
    PROGRESS_SUBJECTS,
    durable_name,
    subject_token,
)


class JetStreamBus:
    """Bus, Subscriber and ProgressBoard over one connection."""

    def __init__(
        self, connection: Client, jetstream: JetStreamContext, ack_wait_seconds: float
    ) -> None:
        """An event that a handler holds longer than `ack_wait_seconds` comes again."""
        self._connection = connection
        self._jetstream = jetstream
        self._ack_wait_seconds = ack_wait_seconds
        self._subscriptions: list[EventSubscription | ProgressSubscription] = []

    async def publish(
        self, event: Message, *, context: StepContext | None = None, message_id: str = ""
    ) -> None:
        """See Bus."""
        subject = subject_of(event)
        if not message_id and context:
            message_id = message_id_of(context, subject)
        await publish_stored(
            self._jetstream,
            subject,
            event.SerializeToString(),
            stream=EVENTS,
            headers=headers_of(context, message_id),
        )

    async def announce_progress(self, run_id: str, progress: Message) -> None:
        """See ProgressBoard."""
        if not self._connection.is_connected:
            return
        subject = PROGRESS_SUBJECTS + subject_token(run_id, field="run_id")
        with translated_nats_errors():
            await self._connection.publish(subject, progress.SerializeToString())

    async def subscribe(
        self, durable: str, events: Sequence[type[Message]], handler: EventHandler
    ) -> "EventSubscription":
        """See Subscriber."""
        name = durable_name(durable)
        subjects = [subject_of(event) for event in events]
        # A single filter stands in the subject of the request, where permissions can hold it.
        is_single = len(subjects) == 1
        config = ConsumerConfig(
            name=name,
            durable_name=name,
            filter_subject=subjects[0] if is_single else None,
            filter_subjects=None if is_single else subjects,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._ack_wait_seconds,
            max_deliver=-1,
        )

        async def ensure() -> None:
            with translated_nats_errors():
                await self._jetstream.add_consumer(EVENTS, config)

        await ensure()
        subscription = EventSubscription(
            Puller(self._connection, EVENTS, name),
            dict(zip(subjects, events, strict=True)),
            handler,
            ensure=ensure,
            ack_wait_seconds=self._ack_wait_seconds,
        )
        self._subscriptions.append(subscription)
        return subscription

    async def watch_progress(self, handler: ProgressHandler) -> "ProgressSubscription":
        """See Subscriber."""

        async def on_message(message: Msg) -> None:
            await handler(message.data)

        with translated_nats_errors():
            inner = await self._connection.subscribe(PROGRESS_SUBJECTS + "*", cb=on_message)
            await self._connection.flush()
        subscription = ProgressSubscription(inner)
        self._subscriptions.append(subscription)
        return subscription

    async def stop(self) -> None:
        """Ends every subscription."""
        for subscription in self._subscriptions:
            await subscription.stop()
