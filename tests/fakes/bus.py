"""A bus and a work queue in memory: tests look into them and play the other side."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from services.chassis.bus import (
    EventHandler,
    ProgressHandler,
    QueueState,
    StepContext,
    subject_of,
)
from services.chassis.messaging.streams import subject_token

REDELIVERIES = 5


@dataclass(frozen=True)
class Published:
    """One event that was announced."""

    event: Message
    context: StepContext | None
    message_id: str


@dataclass(frozen=True)
class Submitted:
    """One request that was queued."""

    method: str
    request: Message
    context: StepContext


@dataclass
class InMemorySubscription:
    """What `InMemoryBus.subscribe` returns."""

    subjects: frozenset[str]
    handler: EventHandler
    durable: str
    stopped: bool = False

    async def stop(self) -> None:
        """See Subscription."""
        self.stopped = True


@dataclass
class InMemoryProgress:
    """What `InMemoryBus.watch_progress` returns."""

    handler: ProgressHandler
    stopped: bool = False

    async def stop(self) -> None:
        """See Subscription."""
        self.stopped = True


class InMemoryBus:
    """Bus and Subscriber: hands each event to its subscribers before `publish` returns.

    A handler that raises gets the event again, a few times, as with the real bus; set
    `deliveries_per_event = 2` to prove that handlers are idempotent.
    """

    def __init__(self) -> None:
        """Starts with nothing announced."""
        self.published: list[Published] = []
        self.deliveries_per_event = 1
        self._message_ids: set[str] = set()
        self._subscriptions: list[InMemorySubscription] = []
        self._progress: list[InMemoryProgress] = []

    @property
    def events(self) -> list[Message]:
        """What was announced, in order."""
        return [each.event for each in self.published]

    async def publish(
        self, event: Message, *, context: StepContext | None = None, message_id: str = ""
    ) -> None:
        """See Bus."""
        name = subject_of(event)
        if not message_id and context:
            message_id = f"{context.run_id}/{context.step_id}/{context.attempt}/{name}"
        if message_id in self._message_ids:
            return
        if message_id:
            self._message_ids.add(message_id)
        self.published.append(Published(event, context, message_id))
        for durable in {each.durable for each in self._subscriptions if name in each.subjects}:
            await self._hand_out(durable, event, context)

    async def subscribe(
        self, durable: str, events: Sequence[type[Message]], handler: EventHandler
    ) -> InMemorySubscription:
        """See Subscriber."""
        subjects = frozenset(subject_of(event) for event in events)
        subscription = InMemorySubscription(subjects, handler, durable)
        self._subscriptions.append(subscription)
        return subscription

    async def watch_progress(self, handler: ProgressHandler) -> InMemoryProgress:
        """See Subscriber."""
        watcher = InMemoryProgress(handler)
        self._progress.append(watcher)
        return watcher

    async def announce_progress(self, message: Message) -> None:
        """Plays a worker that reports progress."""
        for watcher in self._progress:
            if not watcher.stopped:
                await watcher.handler(message.SerializeToString())

    async def _hand_out(self, durable: str, event: Message, context: StepContext | None) -> None:
        sharing = [s for s in self._subscriptions if s.durable == durable and not s.stopped]
        if not sharing:
            return
        for _ in range(self.deliveries_per_event):
            await self._deliver(sharing[-1], event, context)

    async def _deliver(
        self, subscription: InMemorySubscription, event: Message, context: StepContext | None
    ) -> None:
        for delivery in range(1, REDELIVERIES + 1):
            try:
                await subscription.handler(event, context)
            except Exception:
                if delivery == REDELIVERIES:
                    raise
            else:
                return


@dataclass
class InMemoryWorkQueue:
    """WorkQueue: remembers what was asked for; `backlogs` is what `backlog` answers."""

    submitted: list[Submitted] = field(default_factory=list)
    cancelled_run_ids: list[str] = field(default_factory=list)
    backlogs: dict[str, QueueState] = field(default_factory=dict)
    _message_ids: set[StepContext] = field(default_factory=set)

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        """See WorkQueue."""
        subject_token(context.run_id, field="run_id")
        identity = StepContext(context.run_id, context.step_id, context.attempt)
        if identity in self._message_ids:
            return
        self._message_ids.add(identity)
        self.submitted.append(Submitted(method, request, context))

    async def cancel(self, run_id: str) -> None:
        """See WorkQueue."""
        subject_token(run_id, field="run_id")
        self.cancelled_run_ids.append(run_id)
        self.submitted = [each for each in self.submitted if each.context.run_id != run_id]

    async def backlog(self, method: str) -> QueueState:
        """See WorkQueue."""
        pending = sum(1 for each in self.submitted if each.method == method)
        return self.backlogs.get(method, QueueState(pending, 0, 0))
