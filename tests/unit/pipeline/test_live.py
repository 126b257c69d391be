"""What is known of running steps in memory alone."""

from services.pipeline.assembly import Pipeline
from services.pipeline.live import Live
from services.pipeline.run_model import Options, Stage, StepRef
from services.pipeline.wire import run_message
from tests.fakes.pipeline import source
from tests.fakes.pipeline_over_fakes import PipelineOverFakes

FIRST = StepRef("run-1", Stage.PREPARE, "a", 1)
SECOND = StepRef("run-1", Stage.PREPARE, "b", 1)
FULL = "The disk is full."
TOLD = ["prepare is tried again: The disk is full."]


def test_why_steps_are_tried_again_is_told_once_until_the_last_goes_on() -> None:
    live = Live()
    live.put_back(FIRST, FULL)
    live.put_back(SECOND, FULL)
    assert live.troubles_of([FIRST, SECOND]) == TOLD
    assert live.troubles_of([]) == []
    live.progressed(FIRST, 0.1)
    assert live.troubles_of([FIRST, SECOND]) == TOLD
    live.forget(SECOND)
    assert live.troubles_of([FIRST, SECOND]) == []


async def test_a_process_that_did_not_hear_a_step_end_tells_no_more_of_its_troubles() -> None:
    inside = PipelineOverFakes()
    other = inside.another_instance()
    async with inside.hearing():
        run_id = (await inside.pipeline.runs.start("ada", [source("a")], Options())).run.run_id
        probe = inside.work_queue.submitted[0].context
        other.live.put_back(StepRef.parse(run_id, probe.step_id, probe.attempt), FULL)
        assert await attention(other, run_id) == ["probe is tried again: The disk is full."]

        await inside.work_off(up_to=Stage.PREPARE)

    assert await attention(other, run_id) == []


async def attention(pipeline: Pipeline, run_id: str) -> list[str]:
    snapshot = await pipeline.runs.get(run_id)
    return list(run_message(snapshot, pipeline.live, with_recordings=False).attention)


def test_who_watches_a_run_hears_of_its_troubles() -> None:
    live, heard = Live(), list[str]()
    with live.listening("run-1", heard.append):
        live.put_back(FIRST, FULL)
        assert "" in heard, "the run as a whole changed"
        heard.clear()
        live.put_back(FIRST, FULL)
        assert "" not in heard
        live.progressed(FIRST, 0.1)
        assert "" in heard


def test_a_step_that_was_put_back_waits_again() -> None:
    live = Live()
    live.progressed(FIRST, 0.5)
    live.put_back(FIRST, FULL)
    assert not live.has_begun(FIRST)
