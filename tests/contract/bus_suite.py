"""What every bus and every work queue promises; the fakes and the real ones run these tests."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from services.chassis.bus import Bus, StepContext, Subscriber, WorkQueue
from services.chassis.errors import InvalidInputError
from tests.eventually import eventually
from ttstrainer.media.v1.media_events_pb2 import AudioExtracted, MediaProbed
from ttstrainer.media.v1.media_service_pb2 import ExtractedAudio, MediaInfo, ProbeMediaRequest

Hear = Callable[[MediaProbed | AudioExtracted, StepContext | None], Awaitable[None]]


class Hearing:
    """Collects the events of one test."""

    def __init__(self, test_id: str, *, failing_tries: int = 0) -> None:
        self.heard: list[tuple[str, StepContext | None]] = []
        self.try_count = 0
        self._test_id = test_id
        self._failing_tries = failing_tries

    async def __call__(
        self, event: MediaProbed | AudioExtracted, context: StepContext | None
    ) -> None:
        detail = event.media if isinstance(event, MediaProbed) else event.audio
        if not detail.recording_id.startswith(self._test_id):
            return
        self.try_count += 1
        if self.try_count <= self._failing_tries:
            raise ZeroDivisionError
        self.heard.append((detail.recording_id.removeprefix(self._test_id), context))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.heard]


class BusSuite:
    """Subclasses provide the fixtures `bus` and `subscriber`, two sides of the same thing."""

    @pytest.fixture
    def test_id(self) -> str:
        return f"{uuid4().hex}-"

    async def test_an_event_reaches_each_durable_subscriber_once(
        self, bus: Bus, subscriber: Subscriber, test_id: str
    ) -> None:
        one, other = Hearing(test_id), Hearing(test_id)
        await subscriber.subscribe(test_id + "one", [MediaProbed], one)
        await subscriber.subscribe(test_id + "other", [MediaProbed], other)
        context = StepContext("run", test_id + "step", 2, "trace")
        await bus.publish(probed(test_id + "a"), context=context)
        await eventually(lambda: (one.heard, other.heard) == ([("a", context)], [("a", context)]))

    async def test_subscribers_of_one_name_share_the_events(
        self, bus: Bus, subscriber: Subscriber, test_id: str
    ) -> None:
        one, other = Hearing(test_id), Hearing(test_id)
        await subscriber.subscribe(test_id, [MediaProbed], one)
        await subscriber.subscribe(test_id, [MediaProbed], other)
        for name in "abcdef":
            await bus.publish(probed(test_id + name))
        await eventually(lambda: sorted(one.names + other.names) == list("abcdef"))

    async def test_only_the_asked_for_events_are_heard(
        self, bus: Bus, subscriber: Subscriber, test_id: str
    ) -> None:
        both, one = Hearing(test_id), Hearing(test_id)
        await subscriber.subscribe(test_id + "both", [MediaProbed, AudioExtracted], both)
        await subscriber.subscribe(test_id + "one", [AudioExtracted], one)
        await bus.publish(probed(test_id + "probed"))
        audio = ExtractedAudio(recording_id=test_id + "extracted")
        await bus.publish(AudioExtracted(audio=audio))
        await eventually(lambda: both.names == ["probed", "extracted"])
        await eventually(lambda: one.names == ["extracted"])

    async def test_the_same_fact_of_the_same_attempt_is_stored_once(
        self, bus: Bus, subscriber: Subscriber, test_id: str
    ) -> None:
        hearing = Hearing(test_id)
        await subscriber.subscribe(test_id, [MediaProbed], hearing)
        step = test_id + "step"
        for attempt in (1, 1, 2):
            context = StepContext("run", step, attempt)
            await bus.publish(probed(f"{test_id}{attempt}"), context=context)
        for _ in range(2):
            await bus.publish(probed(test_id + "named"), message_id=test_id)
        await bus.publish(probed(test_id + "last"))
        await eventually(lambda: hearing.names == ["1", "2", "named", "last"])

    async def test_an_event_comes_again_when_its_handler_fails(
        self, bus: Bus, subscriber: Subscriber, test_id: str
    ) -> None:
        hearing = Hearing(test_id, failing_tries=1)
        await subscriber.subscribe(test_id, [MediaProbed], hearing)
        await bus.publish(probed(test_id + "a"))
        await eventually(lambda: hearing.names == ["a"])
        assert hearing.try_count == 2

    async def test_a_stopped_subscription_hears_nothing(
        self, bus: Bus, subscriber: Subscriber, test_id: str
    ) -> None:
        stopped, running = Hearing(test_id), Hearing(test_id)
        subscription = await subscriber.subscribe(test_id + "1", [MediaProbed], stopped)
        await subscriber.subscribe(test_id + "2", [MediaProbed], running)
        await subscription.stop()
        await bus.publish(probed(test_id + "a"))
        await eventually(lambda: running.names == ["a"])
        assert stopped.names == []


class WorkQueueSuite:
    """Subclasses provide the fixture `queue`, which no worker serves."""

    @pytest.fixture
    def method(self) -> str:
        return f"ttstrainer.test.v1.Service{uuid4().hex}.Probe"

    @pytest.fixture
    def run_id(self) -> str:
        return f"run-{uuid4().hex}"

    async def test_requests_wait_for_a_worker(
        self, queue: WorkQueue, method: str, run_id: str
    ) -> None:
        assert (await queue.backlog(method)).pending_count == 0
        for step_id in ("a", "b"):
            await queue.submit(method, ProbeMediaRequest(), StepContext(run_id, step_id, 1))
        state = await queue.backlog(method)
        assert (state.pending_count, state.in_flight_count) == (2, 0)

    async def test_the_same_attempt_is_queued_once(
        self, queue: WorkQueue, method: str, run_id: str
    ) -> None:
        for attempt in (1, 1, 2):
            await queue.submit(method, ProbeMediaRequest(), StepContext(run_id, "a", attempt))
        assert (await queue.backlog(method)).pending_count == 2

    async def test_cancelling_a_run_leaves_the_others(
        self, queue: WorkQueue, method: str, run_id: str
    ) -> None:
        for each in (run_id, run_id + "-other"):
            await queue.submit(method, ProbeMediaRequest(), StepContext(each, "a", 1))
            await queue.submit(method + "2", ProbeMediaRequest(), StepContext(each, "b", 1))
        await queue.cancel(run_id)
        assert (await queue.backlog(method)).pending_count == 1
        assert (await queue.backlog(method + "2")).pending_count == 1

    @pytest.mark.parametrize("bad_id", ["", "a.b", "a b", "*", ">", "ü"])
    async def test_run_ids_that_no_subject_can_hold_are_refused(
        self, queue: WorkQueue, method: str, bad_id: str
    ) -> None:
        with pytest.raises(InvalidInputError, match="run_id"):
            await queue.submit(method, ProbeMediaRequest(), StepContext(bad_id, "a", 1))
        with pytest.raises(InvalidInputError, match="run_id"):
            await queue.cancel(bad_id)


def probed(recording_id: str) -> MediaProbed:
    """Returns a fact about a recording."""
    return MediaProbed(media=MediaInfo(recording_id=recording_id))
