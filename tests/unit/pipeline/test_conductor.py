"""What becomes of a fact: state is kept, commands go out, nothing is lost when we die between."""

import asyncio

import pytest
from google.protobuf.message import Message

from services.chassis.blobs import add_message
from services.chassis.bus import QueueState, StepContext
from services.chassis.errors import InvalidInputError, UnavailableError
from services.pipeline.events import fact_of
from services.pipeline.facts import Failed
from services.pipeline.run_model import METHODS, Options, Stage, State
from tests.fakes.bus import InMemoryBus, InMemoryWorkQueue
from tests.fakes.pipeline import recording_id, source
from tests.fakes.pipeline_over_fakes import PipelineOverFakes
from ttstrainer.audio_qc.v1 import audio_qc_events_pb2, audio_qc_service_pb2
from ttstrainer.media.v1 import media_events_pb2, media_service_pb2
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events


@pytest.fixture
def inside() -> PipelineOverFakes:
    return PipelineOverFakes()


async def started(inside: PipelineOverFakes, *names: str) -> str:
    sources = [source(name) for name in names]
    return (await inside.pipeline.runs.start("ada", sources, Options())).run.run_id


async def state_of(inside: PipelineOverFakes, run_id: str) -> State:
    return (await inside.pipeline.runs.get(run_id)).run.state


class BrokenQueue(InMemoryWorkQueue):
    """Takes nothing while it is down."""

    is_down = False

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        if self.is_down:
            raise UnavailableError("The queue does not answer.")
        await super().submit(method, request, context)


async def test_facts_that_come_twice_change_nothing(inside: PipelineOverFakes) -> None:
    inside.bus.deliveries_per_event = 2
    async with inside.hearing():
        run_id = await started(inside, "a", "b", "c")
        await inside.work_off()

    assert await state_of(inside, run_id) is State.SUCCEEDED
    assert len(inside.work_queue.submitted) == 3 * 5 + 1


async def test_a_fact_whose_commands_could_not_go_out_is_not_taken_as_heard() -> None:
    inside = PipelineOverFakes()
    queue = inside.work_queue = BrokenQueue()
    inside.pipeline = inside.another_instance()
    async with inside.hearing():
        run_id = await started(inside, "a")
        queue.is_down = True
        with pytest.raises(UnavailableError):
            await inside.work_off()
        queue.is_down = False

        inside.bus._message_ids.clear()  # the same event comes again
        inside._done -= 1
        await inside.work_off()

    assert await state_of(inside, run_id) is State.SUCCEEDED


async def test_a_run_that_is_started_while_the_queue_is_down_begins_with_the_next_sweep() -> None:
    inside = PipelineOverFakes()
    queue = inside.work_queue = BrokenQueue()
    inside.pipeline = inside.another_instance()
    queue.is_down = True
    run_id = await started(inside, "a")
    assert queue.submitted == []

    queue.is_down = False
    await inside.another_instance().sweep.sweep()

    assert [each.context.run_id for each in queue.submitted] == [run_id]


class PickyQueue(InMemoryWorkQueue):
    """Finds the requests of one stage too large."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.refused = METHODS[stage]

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        if method == self.refused:
            raise InvalidInputError("It is too large.", reason="MESSAGE_TOO_LARGE")
        await super().submit(method, request, context)


@pytest.mark.parametrize("stage", list(Stage))
async def test_a_request_that_the_queue_will_never_take_fails_the_run(stage: Stage) -> None:
    inside = PipelineOverFakes()
    inside.work_queue = PickyQueue(stage)
    inside.pipeline = inside.another_instance()
    async with inside.hearing():
        run_id = await started(inside, "a")
        await inside.work_off()

        run = (await inside.pipeline.runs.get(run_id)).run
    assert run.state is State.FAILED
    assert run.failure is not None
    assert (run.failure.reason, run.failure.stage) == ("MESSAGE_TOO_LARGE", stage)
    assert any(isinstance(each, events.RunFinished) for each in inside.bus.events)


async def test_many_facts_at_once_lose_nothing(inside: PipelineOverFakes) -> None:
    async with inside.hearing() as pipeline:
        run_ids = await asyncio.gather(*(started(inside, "a", "b", "c") for _ in range(5)))
        for _ in run_ids:  # they hold the same recordings, and are built one after the other
            await inside.work_off()
            await pipeline.sweep.sweep()

        for run_id in run_ids:
            snapshot = await pipeline.runs.get(run_id)
            assert snapshot.run.state is State.SUCCEEDED


async def test_the_end_of_a_run_is_announced_though_we_died_before(
    inside: PipelineOverFakes,
) -> None:
    async with inside.hearing():
        run_id = await started(inside, "a")
        await inside.work_off()
    finished = [it for it in inside.bus.events if isinstance(it, events.RunFinished)]
    assert [each.run.run_id for each in finished] == [run_id]

    await inside.another_instance().sweep.sweep()

    assert await inside.bucket.keys("active.") == []
    assert len([it for it in inside.bus.events if isinstance(it, events.RunFinished)]) == 1


class PickyBus(InMemoryBus):
    """Finds what is told of one run too large."""

    refused = ""

    async def publish(
        self, event: Message, *, context: StepContext | None = None, message_id: str = ""
    ) -> None:
        if isinstance(event, events.RunStarted) and event.run.run_id == self.refused:
            raise InvalidInputError("It is too large.", reason="MESSAGE_TOO_LARGE")
        await super().publish(event, context=context, message_id=message_id)


async def test_a_run_that_cannot_go_on_keeps_no_other_from_being_looked_after() -> None:
    inside = PipelineOverFakes()
    bus = inside.bus = PickyBus()
    queue = inside.work_queue = BrokenQueue()
    inside.pipeline = inside.another_instance()
    queue.is_down = True
    bus.refused = await started(inside, "a")
    inside.clock.pass_seconds(60)
    other = await started(inside, "b")

    queue.is_down = False
    await inside.another_instance().sweep.sweep()

    assert other in {each.context.run_id for each in queue.submitted}


async def test_work_that_vanished_from_its_queue_is_asked_for_again(
    inside: PipelineOverFakes,
) -> None:
    await started(inside, "a")
    vanished = inside.work_queue.submitted.pop()
    inside.work_queue._message_ids.clear()

    await inside.pipeline.sweep.sweep()
    inside.clock.pass_seconds(15)
    await inside.pipeline.sweep.sweep()

    assert inside.work_queue.submitted == [vanished]


async def test_work_that_waits_in_its_queue_is_not_asked_for_again(
    inside: PipelineOverFakes,
) -> None:
    await started(inside, "a")
    inside.work_queue._message_ids.clear()

    for _ in range(10):
        inside.clock.pass_seconds(60)
        await inside.pipeline.sweep.sweep()

    assert len(inside.work_queue.submitted) == 1


async def test_a_queue_without_workers_is_told_in_the_run(inside: PipelineOverFakes) -> None:
    await started(inside, "a")
    probe = METHODS[Stage.PROBE]
    inside.work_queue.backlogs[probe] = QueueState(1, 0, 0, has_worker=False)

    await inside.pipeline.sweep.sweep()
    inside.clock.pass_seconds(10)
    await inside.pipeline.sweep.sweep()

    assert inside.pipeline.live.unserved == {
        probe: "No worker serves ProbeMedia: start the media service."
    }


async def test_a_retryable_failure_is_asked_for_again(inside: PipelineOverFakes) -> None:
    async with inside.hearing():
        run_id = await started(inside, "a")
        (asked,) = await inside.work_off(up_to=Stage.PREPARE)
        await inside.fail(asked, retryable=True)

        assert inside.work_queue.submitted[-1].context.attempt == 2
        await inside.work_off()

    assert await state_of(inside, run_id) is State.SUCCEEDED


async def test_the_reasons_of_rejected_clips_are_told(inside: PipelineOverFakes) -> None:
    reason = audio_qc_service_pb2.Reason
    clip = audio_qc_service_pb2.Clip
    clips = audio_qc_service_pb2.ClipSet(
        clips=[clip(reasons=[reason(code="MUSIC")]) for _ in range(3)]
        + [clip(reasons=[reason(code="LOW_SNR"), reason(code="MUSIC")])]
    )
    blob = await add_message(inside.store, clips)
    async with inside.hearing() as pipeline:
        run_id = await started(inside, "a")
        (asked,) = await inside.work_off(up_to=Stage.PREPARE)
        prepared = audio_qc_service_pb2.PreparedAudio(clips_uri=blob.uri, rejected_count=4)
        event = audio_qc_events_pb2.AudioPrepared(prepared=prepared)
        await inside.bus.publish(event, context=asked.context)

        failure = (await pipeline.runs.get(run_id)).run.failure

    assert failure is not None
    assert failure.reason == "NO_USABLE_SPEECH"
    assert "MUSIC (4); LOW_SNR (1)" in failure.message


@pytest.mark.parametrize(
    "context",
    [
        None,
        StepContext("", "probe-a", 1),
        StepContext("run", "strange", 1),
        StepContext("r", "", 1),
    ],
)
async def test_an_event_of_no_run_is_passed_over(
    inside: PipelineOverFakes, context: StepContext | None
) -> None:
    event = media_events_pb2.MediaProbed(media=media_service_pb2.MediaInfo())

    assert await fact_of(event, context, inside.store) is None


async def test_a_fact_of_an_unknown_run_or_recording_is_passed_over(
    inside: PipelineOverFakes,
) -> None:
    async with inside.hearing():
        run_id = await started(inside, "a")
        for context in (
            StepContext("20200101-000000-00000000", f"probe-{recording_id('a')}", 1),
            StepContext(run_id, f"probe-{recording_id('never seen')}", 1),
            StepContext(run_id, "probe", 1),
        ):
            event = media_events_pb2.MediaProbed(media=media_service_pb2.MediaInfo())
            await inside.bus.publish(event, context=context)

    assert await state_of(inside, run_id) is State.RUNNING


async def test_a_step_that_failed_names_itself(inside: PipelineOverFakes) -> None:
    event = events.StepFailed(
        run_id="run",
        step_id=f"extract-{recording_id('a')}",
        attempt=3,
        code="INTERNAL",
        message="x",
    )

    fact = await fact_of(event, None, inside.store)

    assert fact is not None
    assert (fact.step.stage, fact.step.attempt) == (Stage.EXTRACT, 3)
    assert fact.outcome == Failed("INTERNAL", "x", retryable=False)
