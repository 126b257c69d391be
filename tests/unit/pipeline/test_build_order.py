"""Which of the runs of a voice is built first: the larger version is to be the newest."""

import pytest

from services.pipeline.run_model import Options, Stage, State
from tests.fakes.pipeline import source
from tests.fakes.pipeline_over_fakes import PipelineOverFakes


@pytest.fixture
def inside() -> PipelineOverFakes:
    return PipelineOverFakes()


async def started(inside: PipelineOverFakes, *names: str) -> str:
    sources = [source(name) for name in names]
    return (await inside.pipeline.runs.start("ada", sources, Options())).run.run_id


async def state_of(inside: PipelineOverFakes, run_id: str) -> State:
    return (await inside.pipeline.runs.get(run_id)).run.state


@pytest.mark.parametrize("names", ["ab", "a"])
async def test_a_run_is_built_after_the_earlier_runs_whose_recordings_it_holds(
    inside: PipelineOverFakes, names: str
) -> None:
    async with inside.hearing() as pipeline:
        earlier = await started(inside, "a")
        (build,) = await inside.work_off(up_to=Stage.BUILD)
        inside.work_queue.submitted.remove(build)
        inside.clock.pass_seconds(60)
        later = await started(inside, *names)
        await inside.work_off()
        assert await state_of(inside, later) is State.RUNNING

        inside.work_queue.submitted.append(build)
        await inside.work_off()
        assert await state_of(inside, earlier) is State.SUCCEEDED
        await pipeline.sweep.sweep()
        await inside.work_off()

    assert await state_of(inside, later) is State.SUCCEEDED


@pytest.mark.parametrize(("voice", "name"), [("ada", "b"), ("bob", "a")])
async def test_a_run_does_not_wait_for_runs_of_other_recordings_or_voices(
    inside: PipelineOverFakes, voice: str, name: str
) -> None:
    async with inside.hearing() as pipeline:
        await pipeline.runs.start(voice, [source(name)], Options())
        inside.work_queue.submitted.clear()
        inside.clock.pass_seconds(60)
        later = await started(inside, "a")
        await inside.work_off()

    assert await state_of(inside, later) is State.SUCCEEDED
