"""Runs over a real NATS server; the other services are workers that answer as scripted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import nats

from services.chassis.beside import running_beside
from services.chassis.errors import InvalidInputError, UnavailableError
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.queue_worker.working import working
from services.chassis.settings import ServiceSettings
from services.chassis.work import StepEvents
from services.pipeline.assembly import Pipeline, assembled
from services.pipeline.hearing import hearing
from services.pipeline.run_model import Options, Snapshot, Stage, State
from services.pipeline.settings import PipelineSettings
from services.pipeline.wire import run_message
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.pipeline import recording_id, source
from tests.fakes.stages import Held, Stages, raising
from tests.servers import NatsServer
from ttstrainer.dataset.v1 import dataset_service_pb2
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

STEP_EVENTS = StepEvents(failed=events.StepFailed, progressed=events.StepProgressed)


@asynccontextmanager
async def serving(stages: Stages, server: NatsServer, *only: Stage) -> AsyncIterator[None]:
    """A worker for these stages, all when none is named."""
    settings = ServiceSettings(
        nats_url=server.url,
        store_url="file:///unused",
        ack_wait_seconds=1,
        drain_seconds=0,
        max_concurrent_steps=8,
        max_failures=1,
    )
    async with (
        JetStreamLink.connect(settings) as link,
        working(link, stages.handlers(*only), STEP_EVENTS, settings),
    ):
        yield


@asynccontextmanager
async def leading(
    server: NatsServer, *, sweep_seconds: float = 0.2, lost_after_seconds: float = 15
) -> AsyncIterator[Pipeline]:
    """An instance of the pipeline; it ends in the middle of whatever it is doing."""
    settings = PipelineSettings(
        nats_url=server.url,
        store_url="file:///unused",
        ack_wait_seconds=1,
        sweep_seconds=sweep_seconds,
        unserved_after_seconds=0.3,
        lost_after_seconds=lost_after_seconds,
    )
    async with JetStreamLink.connect(settings) as link:
        pipeline = assembled(
            settings,
            bucket=await link.key_value("runs"),
            bus=link.bus,
            work_queue=link.work_queue,
            clock=lambda: datetime.now(UTC),
            stopping=asyncio.Event(),
        )
        async with (
            running_beside(pipeline.sweep.run(settings.sweep_seconds)),
            hearing(link, pipeline.conductor, pipeline.live, InMemoryArtifacts()),
        ):
            yield pipeline


async def ended(pipeline: Pipeline, run_id: str) -> Snapshot:
    async def has_ended() -> Snapshot | None:
        snapshot = await pipeline.runs.get(run_id)
        return snapshot if snapshot.run.state is not State.RUNNING else None

    snapshot = await eventually(has_ended, within_seconds=30)
    assert snapshot
    return snapshot


def shown(pipeline: Pipeline, snapshot: Snapshot) -> pb.Run:
    return run_message(snapshot, pipeline.live, with_recordings=True)


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


async def test_a_failing_recording_is_left_out_and_told_to_the_build(
    own_nats_server: NatsServer,
) -> None:
    stages = Stages()
    broken = InvalidInputError("It is cut off: export it again.", reason="UNREADABLE_MEDIA")
    stages.disturbances[Stage.EXTRACT, recording_id("b")] = raising(broken)
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a"), source("b")], Options())

        snapshot = await ended(pipeline, started.run.run_id)

    assert snapshot.run.state is State.SUCCEEDED
    failure = snapshot.recordings[1].failure
    assert failure is not None
    assert (failure.reason, failure.message) == ("UNREADABLE_MEDIA", broken.message)
    build = stages.requests[-1]
    assert isinstance(build, dataset_service_pb2.BuildDatasetRequest)
    assert [each.recording_id for each in build.recordings] == [recording_id("a")]
    assert build.recordings[0].speaker_embedding
    (left_out,) = build.left_out
    assert (left_out.stage, left_out.code) == ("ExtractAudio", "UNREADABLE_MEDIA")


async def test_a_step_that_fails_for_a_while_is_tried_again(own_nats_server: NatsServer) -> None:
    stages = Stages()
    away = UnavailableError("The store does not answer.")
    stages.disturbances[Stage.PREPARE, recording_id("a")] = raising(away, times=2)
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a")], Options())

        snapshot = await ended(pipeline, started.run.run_id)

    assert snapshot.run.state is State.SUCCEEDED
    assert stages.calls[Stage.PREPARE, recording_id("a")] == 3


async def test_a_retry_goes_on_where_the_run_failed(own_nats_server: NatsServer) -> None:
    stages = Stages()
    missing = InvalidInputError("The model is missing.", reason="MODEL_NOT_INSTALLED")
    step = Stage.TRANSCRIBE, recording_id("a")
    stages.disturbances[step] = raising(missing, times=1)
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        started = await pipeline.runs.start("ada", [source("a")], Options())
        failed = await ended(pipeline, started.run.run_id)

        await pipeline.runs.retry(started.run.run_id)
        retried = await ended(pipeline, started.run.run_id)

    assert failed.run.failure is not None
    assert failed.run.failure.reason == "MODEL_NOT_INSTALLED"
    assert retried.run.state is State.SUCCEEDED
    assert stages.calls[step] == 2
    assert stages.calls[Stage.PREPARE, recording_id("a")] == 1


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


async def test_a_run_goes_on_when_the_pipeline_died_in_its_middle(
    own_nats_server: NatsServer,
) -> None:
    stages, held = Stages(), Held()
    stages.disturbances[Stage.PREPARE, recording_id("a")] = held
    async with serving(stages, own_nats_server):
        async with leading(own_nats_server) as first:
            sources = [source("a"), source("b")]
            run_id = (await first.runs.start("ada", sources, Options())).run.run_id
            await held.begun.wait()
        held.let_go.set()

        async with leading(own_nats_server) as second:
            snapshot = await ended(second, run_id)

    assert snapshot.run.state is State.SUCCEEDED
    assert all(count == 1 for count in stages.calls.values())


async def test_a_run_survives_the_death_of_the_server(own_nats_server: NatsServer) -> None:
    stages, held = Stages(), Held()
    stages.disturbances[Stage.TRANSCRIBE, recording_id("a")] = held
    async with serving(stages, own_nats_server), leading(own_nats_server) as pipeline:
        sources = [source(name) for name in "abcdefghijkl"]
        started = await pipeline.runs.start("ada", sources, Options())
        await held.begun.wait()
        own_nats_server.kill()
        held.let_go.set()
        own_nats_server.start()

        async def has_ended() -> bool:
            try:
                snapshot = await pipeline.runs.get(started.run.run_id)
            except UnavailableError:
                return False
            return snapshot.run.state is State.SUCCEEDED

        await eventually(has_ended, within_seconds=60)


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


async def test_a_request_that_vanished_from_its_queue_is_queued_again(
    own_nats_server: NatsServer,
) -> None:
    stages = Stages()
    async with leading(own_nats_server, lost_after_seconds=0) as pipeline:
        started = await pipeline.runs.start("ada", [source("a")], Options())
        connection = await nats.connect(own_nats_server.url)
        # As an operator would who empties the stream; what it remembers of ids goes with it.
        await connection.jetstream().delete_stream("WORK")
        await connection.close()
        async with serving(stages, own_nats_server):
            snapshot = await ended(pipeline, started.run.run_id)

    assert snapshot.run.state is State.SUCCEEDED


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
    stages, order = Stages(), []
    bulk = [source(f"bulk-{number}") for number in range(40)]
    async with leading(own_nats_server) as pipeline:
        first = await pipeline.runs.start("bulk", bulk, Options())
        second = await pipeline.runs.start("fresh", [source("fresh")], Options())
        async with serving(stages, own_nats_server):
            await ended(pipeline, second.run.run_id)
            order = [each for each in stages.calls if each[0] is Stage.PROBE]
            await ended(pipeline, first.run.run_id)

    assert len(order) < len(bulk)
