"""Ending a run and going on with one, while somebody else is about it or the queue is away."""

from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.message import Message

from services.chassis.bus import StepContext
from services.chassis.errors import UnavailableError
from services.chassis.key_value import Entry
from services.pipeline.run_keys import RECORDING_KEYS
from services.pipeline.run_model import METHODS, Options, Stage, State
from tests.fakes.bus import InMemoryWorkQueue
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import source
from tests.fakes.pipeline_over_fakes import PipelineOverFakes


class DeafQueue(InMemoryWorkQueue):
    """Cancels nothing while it is deaf."""

    is_deaf = False

    async def cancel(self, run_id: str) -> None:
        if self.is_deaf:
            raise UnavailableError("The queue does not answer.")
        await super().cancel(run_id)


class SlowQueue(InMemoryWorkQueue):
    """Lets something happen right before a request is on it."""

    interruption: Callable[[str], Awaitable[object]] | None = None

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        interruption, self.interruption = self.interruption, None
        if interruption:
            await interruption(context.run_id)
        await super().submit(method, request, context)


class InterruptedKeyValue(InMemoryKeyValue):
    """Lets something happen right after a recording was read."""

    interruption: Callable[[], Awaitable[object]] | None = None

    async def get(self, key: str) -> Entry | None:
        entry = await super().get(key)
        if self.interruption and key.startswith(RECORDING_KEYS):
            interruption, self.interruption = self.interruption, None
            await interruption()
        return entry


async def started(inside: PipelineOverFakes, *names: str) -> str:
    sources = [source(name) for name in names]
    return (await inside.pipeline.runs.start("ada", sources, Options())).run.run_id


async def test_a_cancel_that_did_not_get_to_the_queue_is_carried_out_by_the_next_sweep() -> None:
    inside = PipelineOverFakes()
    queue = inside.work_queue = DeafQueue()
    inside.pipeline = inside.another_instance()
    run_id = await started(inside, "a", "b")
    queue.is_deaf = True
    with pytest.raises(UnavailableError):
        await inside.pipeline.runs.cancel(run_id)

    queue.is_deaf = False
    await inside.another_instance().sweep.sweep()

    assert queue.submitted == []
    assert await inside.bucket.keys("active.") == []


async def test_work_that_is_queued_while_its_run_is_cancelled_does_not_stay_queued() -> None:
    inside = PipelineOverFakes()
    queue = inside.work_queue = SlowQueue()
    inside.pipeline = inside.another_instance()
    async with inside.hearing():
        run_id = await started(inside, "a", "b")
        await inside.work_off(up_to=Stage.PREPARE)
        queue.interruption = inside.another_instance().runs.cancel

        await inside.work_off(up_to=Stage.TRANSCRIBE)

    assert (await inside.pipeline.runs.get(run_id)).run.state is State.CANCELLED
    assert queue.submitted == []


async def test_a_run_that_is_cancelled_while_it_is_started_leaves_nothing_queued() -> None:
    inside = PipelineOverFakes()
    queue = inside.work_queue = SlowQueue()
    inside.pipeline = inside.another_instance()
    queue.interruption = inside.another_instance().runs.cancel

    run_id = await started(inside, "a", "b")

    assert (await inside.pipeline.runs.get(run_id)).run.state is State.CANCELLED
    assert queue.submitted == []


async def test_a_run_that_is_retried_while_somebody_looks_at_it_goes_on() -> None:
    inside = PipelineOverFakes()
    inside.bucket = bucket = InterruptedKeyValue(inside.clock)
    inside.pipeline = inside.another_instance()
    async with inside.hearing():
        run_id = await started(inside, "a", "b")
        for asked in tuple(inside.work_queue.submitted):
            await inside.fail(asked)
        assert (await inside.pipeline.runs.get(run_id)).run.state is State.FAILED

        bucket.interruption = lambda: inside.another_instance().runs.retry(run_id)
        await inside.pipeline.conductor.drive(run_id)

        assert (await inside.pipeline.runs.get(run_id)).run.state is State.RUNNING
        await inside.work_off()
    assert (await inside.pipeline.runs.get(run_id)).run.state is State.SUCCEEDED


async def test_a_run_that_is_retried_while_somebody_looks_at_it_is_not_built_too_soon() -> None:
    inside = PipelineOverFakes()
    inside.bucket = bucket = InterruptedKeyValue(inside.clock)
    inside.pipeline = inside.another_instance()
    async with inside.hearing():
        run_id = await started(inside, "a", "b")
        await inside.fail(inside.work_queue.submitted[0])
        await inside.work_off()
        inside.work_queue.submitted.clear()
        inside._done = 0

        bucket.interruption = lambda: inside.another_instance().runs.retry(run_id)
        await inside.pipeline.conductor.drive(run_id)

        assert METHODS[Stage.BUILD] not in {it.method for it in inside.work_queue.submitted}
