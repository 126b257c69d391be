"""Runs over a real NATS server: led to their end, watched, cancelled, and beside each other."""

import asyncio
from contextlib import aclosing

from services.pipeline.run_model import Options, Stage, State
from tests.eventually import eventually
from tests.fakes.pipeline import recording_id, source
from tests.fakes.stages import Held, Stages
from tests.pipeline_over_nats import ended, leading, serving, shown
from tests.servers import NatsServer
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb


async def test_a_run_ends_with_a_dataset(own_nats_server: NatsServer) -> None:
    stages = Stages()
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a"), source("b")], Options())

        run = (await ended(pipeline, started.run.run_id)).run

    assert run.state is State.SUCCEEDED
    assert run.dataset is not None
    assert run.dataset.kept_count == 18
    assert len(stages.calls) == 11
    assert all(count == 1 for count in stages.calls.values())


async def test_the_same_request_starts_one_run(own_nats_server: NatsServer) -> None:
    stages = Stages()
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        runs = pipeline.runs

        several = await asyncio.gather(
            *(runs.start("ada", [source("a")], Options(), "the request") for _ in range(5))
        )
        await ended(pipeline, several[0].run.run_id)

        assert len({each.run.run_id for each in several}) == 1
        assert all(count == 1 for count in stages.calls.values())


async def test_a_cancelled_run_stops_the_step_that_is_under_way(
    own_nats_server: NatsServer,
) -> None:
    stages, held = Stages(), Held()
    stages.disturbances[Stage.TRANSCRIBE, recording_id("a")] = held
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a")], Options())
        await held.begun.wait()

        cancelled = await pipeline.runs.cancel(started.run.run_id)

        assert cancelled.run.state is State.CANCELLED
        await eventually(lambda: held.was_cancelled)
        assert shown(pipeline, cancelled).recordings[0].state == pb.STATE_CANCELLED

        del stages.disturbances[Stage.TRANSCRIBE, recording_id("a")]
        await pipeline.runs.retry(started.run.run_id)
        assert (await ended(pipeline, started.run.run_id)).run.state is State.SUCCEEDED


async def test_two_instances_lead_runs_together(own_nats_server: NatsServer) -> None:
    stages = Stages()
    sources = [source(name) for name in "abcdef"]
    async with (
        serving(stages, own_nats_server),
        leading(own_nats_server, sweep_seconds=0.05) as first,
        leading(own_nats_server, sweep_seconds=0.05) as second,
    ):
        several = await asyncio.gather(
            *(each.runs.start("ada", sources, Options()) for each in (first, second, first))
        )

        snapshots = [await ended(second, each.run.run_id) for each in several]

    assert {each.run.state for each in snapshots} == {State.SUCCEEDED}
    assert len({each.run.dataset.digest for each in snapshots if each.run.dataset}) == 1
    assert all(count == 3 for count in stages.calls.values())


async def test_a_queue_that_nobody_serves_becomes_visible_and_is_forgotten_when_served(
    own_nats_server: NatsServer,
) -> None:
    stages = Stages()
    rest = [stage for stage in Stage if stage is not Stage.TRANSCRIBE]
    async with serving(stages, own_nats_server, *rest), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a")], Options())

        async def attention() -> list[str]:
            snapshot = await pipeline.runs.get(started.run.run_id)
            return list(shown(pipeline, snapshot).attention)

        warning = await eventually(attention)
        assert warning == ["No worker serves TranscribeAudio: start the transcription service."]

        async with serving(stages, own_nats_server, Stage.TRANSCRIBE):
            snapshot = await ended(pipeline, started.run.run_id)
            assert list(shown(pipeline, snapshot).attention) == []


async def test_a_watcher_sees_progress_and_the_end(own_nats_server: NatsServer) -> None:
    stages, held = Stages(), Held(0.25)
    stages.disturbances[Stage.TRANSCRIBE, recording_id("a")] = held
    seen: list[pb.WatchRunResponse] = []
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a")], Options())

        async with aclosing(pipeline.servicer._watching.watch(started.run.run_id)) as updates:
            async for update in updates:
                seen.append(update)
                steps = update.recording.steps
                if steps and steps[3].state == pb.STEP_STATE_RUNNING and steps[3].progress_ratio:
                    held.let_go.set()

    assert seen[0].run.recordings
    ratios = [update.run.progress_ratio for update in seen if update.HasField("run")]
    assert ratios == sorted(ratios)
    assert seen[-1].run.state == pb.STATE_SUCCEEDED
    last = [update.recording for update in seen if update.HasField("recording")][-1]
    assert [step.state for step in last.steps] == [pb.STEP_STATE_SUCCEEDED] * 5
    assert last.steps[2].detail == "12 clips, 2 rejected, 0:45 of speech"


async def test_a_bulk_run_leaves_room_for_a_fresh_one(own_nats_server: NatsServer) -> None:
    stages = Stages()
    bulk = [source(f"bulk-{number}") for number in range(40)]
    async with leading(own_nats_server) as pipeline:
        first = await pipeline.runs.start("bulk", bulk, Options())
        second = await pipeline.runs.start("fresh", [source("fresh")], Options())
        async with serving(stages, own_nats_server):
            await ended(pipeline, second.run.run_id)
            await ended(pipeline, first.run.run_id)

    order = list(stages.calls)
    meanwhile = order[: order.index((Stage.VERIFY, recording_id("fresh")))]
    assert sum(stage is Stage.PROBE for stage, _ in meanwhile) < len(bulk)
