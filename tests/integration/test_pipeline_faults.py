"""Runs over a real NATS server that meet with failures: of steps, of the pipeline, of NATS."""

import nats

from services.chassis.errors import InvalidInputError, UnavailableError
from services.pipeline.run_model import Options, Stage, State
from tests.eventually import eventually
from tests.fakes.pipeline import recording_id, source
from tests.fakes.stages import Held, Stages, raising
from tests.pipeline_over_nats import ended, leading, serving
from tests.servers import NatsServer
from ttstrainer.dataset.v1 import dataset_service_pb2


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
