"""PipelineService behind a real channel: what each RPC answers and how it fails."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from functools import partial

import grpc
import pytest

from services.chassis.channel import error_of
from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from services.pipeline.run_model import Stage, StepRef
from tests.eventually import eventually
from tests.fakes.pipeline import recording_id
from tests.fakes.pipeline_over_fakes import PipelineOverFakes
from tests.fakes.serving import serving
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import (
    PipelineServiceStub,
    add_PipelineServiceServicer_to_server,
)


@dataclass(frozen=True)
class Service:
    """The service, seen from both sides."""

    stub: PipelineServiceStub
    inside: PipelineOverFakes

    async def start(self, *names: str, request_id: str = "", voice: str = "ada") -> pb.Run:
        sources = [
            pb.RunSource(recording_id=recording_id(name), display_name=name) for name in names
        ]
        request = pb.StartRunRequest(request_id=request_id, voice=voice, sources=sources)
        return (await self.stub.StartRun(request)).run

    async def get(self, run_id: str) -> pb.Run:
        return (await self.stub.GetRun(pb.GetRunRequest(run_id=run_id))).run


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    inside = PipelineOverFakes()
    register = partial(add_PipelineServiceServicer_to_server, inside.pipeline.servicer)
    async with inside.hearing(), serving(register) as channel:
        yield Service(PipelineServiceStub(channel), inside)


async def failure_of(call: Awaitable[object]) -> ServiceError:
    """Returns what a call failed with, in the words of our taxonomy."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return error_of(raised.value)


async def test_a_run_is_started_and_shown(service: Service) -> None:
    options = pb.RunOptions(language_code="de", noise_reduction="spectral", validation_ratio=0.2)
    request = pb.StartRunRequest(
        voice="ada",
        sources=[pb.RunSource(recording_id=recording_id("a"), display_name='a "b"\n.mp4')],
        options=options,
    )

    started = (await service.stub.StartRun(request)).run

    shown = await service.get(started.run_id)
    assert shown == started
    assert (shown.state, shown.voice, shown.options) == (pb.STATE_RUNNING, "ada", options)
    assert (shown.recording_count, shown.succeeded_count, shown.failed_count) == (1, 0, 0)
    assert shown.recordings[0].display_name == 'a "b"\n.mp4'
    assert shown.recordings[0].steps[0].state == pb.STEP_STATE_QUEUED
    assert shown.create_time.ToSeconds() == int(service.inside.clock.now.timestamp())
    assert not shown.HasField("end_time")


async def test_a_run_that_went_well_names_its_dataset(service: Service) -> None:
    started = await service.start("a", "b")

    await service.inside.work_off()

    run = await service.get(started.run_id)
    assert run.state == pb.STATE_SUCCEEDED
    assert run.progress_ratio == 1
    assert run.dataset.digest.startswith("sha256:")
    assert run.build.state == pb.STEP_STATE_SUCCEEDED
    assert [step.detail for step in run.recordings[0].steps] == [
        "mov, aac 48 kHz stereo, 1:00",
        "1:00 of audio, 48 kHz",
        "12 clips, 2 rejected, 0:45 of speech",
        "120 words, en",
        "9 of 10 trusted",
    ]
    names = [type(each).__name__ for each in service.inside.bus.events]
    assert (names.count("RunStarted"), names.count("RunFinished")) == (1, 1)


async def test_the_same_request_id_names_the_same_run(service: Service) -> None:
    first = await service.start("a", request_id="mine")
    second = await service.start("a", request_id="mine")
    other = await service.start("a")

    assert first.run_id == second.run_id != other.run_id


async def test_a_request_that_cannot_work_is_refused_with_its_field(service: Service) -> None:
    nothing = await failure_of(service.start())
    voice = await failure_of(service.start("a", voice="../a"))
    crowd = await failure_of(service.start("a", "b", "c", "d"))

    assert [type(each) for each in (nothing, voice, crowd)] == [InvalidInputError] * 3
    assert [each.field for each in (nothing, voice, crowd)] == ["sources", "voice", "sources"]


async def test_a_transcript_is_an_artifact(service: Service) -> None:
    source = pb.RunSource(recording_id=recording_id("a"), subtitles_uri="file:///etc/passwd")
    request = pb.StartRunRequest(voice="ada", sources=[source])

    failure = await failure_of(service.stub.StartRun(request))

    assert failure.field == "sources[0].subtitles_uri"


@pytest.mark.parametrize("run_id", ["", "nix", "a.b", "*", "run/1"])
async def test_an_unknown_run_is_not_found(service: Service, run_id: str) -> None:
    for call in (
        service.stub.GetRun(pb.GetRunRequest(run_id=run_id)),
        service.stub.CancelRun(pb.CancelRunRequest(run_id=run_id)),
        service.stub.RetryRun(pb.RetryRunRequest(run_id=run_id)),
    ):
        assert isinstance(await failure_of(call), NotFoundError)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await anext(aiter(service.stub.WatchRun(pb.WatchRunRequest(run_id=run_id))))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


async def test_runs_are_listed_newest_first_page_by_page(service: Service) -> None:
    started = []
    for voice in ("ada", "bob", "ada", "ada"):
        started.append((await service.start("a", voice=voice)).run_id)
        service.inside.clock.pass_seconds(1)

    first = await service.stub.ListRuns(pb.ListRunsRequest(page_size=3))
    rest = await service.stub.ListRuns(
        pb.ListRunsRequest(page_size=3, page_token=first.next_page_token)
    )

    assert [run.run_id for run in (*first.runs, *rest.runs)] == started[::-1]
    assert not rest.next_page_token
    assert not first.runs[0].recordings
    of_bob = await service.stub.ListRuns(pb.ListRunsRequest(voice="bob"))
    assert [run.run_id for run in of_bob.runs] == [started[1]]
    done = await service.stub.ListRuns(pb.ListRunsRequest(state=pb.STATE_SUCCEEDED))
    assert not done.runs


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListRunsRequest(page_size=-1), "page_size"),
        (pb.ListRunsRequest(page_size=1001), "page_size"),
        (pb.ListRunsRequest(page_token="x"), "page_token"),  # noqa: S106 - a page's
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    service: Service, request_: pb.ListRunsRequest, field: str
) -> None:
    failure = await failure_of(service.stub.ListRuns(request_))

    assert (type(failure), failure.field) == (InvalidInputError, field)


async def test_a_run_is_cancelled_once_and_can_go_on(service: Service) -> None:
    run_id = (await service.start("a")).run_id

    cancelled = (await service.stub.CancelRun(pb.CancelRunRequest(run_id=run_id))).run
    again = await failure_of(service.stub.CancelRun(pb.CancelRunRequest(run_id=run_id)))

    assert cancelled.state == pb.STATE_CANCELLED
    assert cancelled.recordings[0].state == pb.STATE_CANCELLED
    assert service.inside.work_queue.cancelled_run_ids[0] == run_id
    assert isinstance(again, ConflictError)
    retried = (await service.stub.RetryRun(pb.RetryRunRequest(run_id=run_id))).run
    assert retried.state == pb.STATE_RUNNING
    assert retried.recordings[0].steps[0].attempt == 2


async def test_there_must_be_something_to_retry(service: Service) -> None:
    run_id = (await service.start("a")).run_id
    request = pb.RetryRunRequest(run_id=run_id)

    running = await failure_of(service.stub.RetryRun(request))
    await service.inside.work_off()
    succeeded = await failure_of(service.stub.RetryRun(request))

    assert (running.reason, succeeded.reason) == ("RUN_IS_RUNNING", "NOTHING_TO_RETRY")


async def test_a_recording_that_was_left_out_can_be_retried(service: Service) -> None:
    run_id = (await service.start("a", "b")).run_id
    inside = service.inside
    await inside.fail(inside.work_queue.submitted[0])
    await inside.work_off()
    partly = await service.get(run_id)

    await service.stub.RetryRun(pb.RetryRunRequest(run_id=run_id))
    await inside.work_off()

    assert (partly.state, partly.failed_count) == (pb.STATE_SUCCEEDED, 1)
    assert partly.recordings[0].error.reason == "BROKEN"
    assert partly.recordings[0].steps[0].state == pb.STEP_STATE_FAILED
    whole = await service.get(run_id)
    assert (whole.state, whole.succeeded_count) == (pb.STATE_SUCCEEDED, 2)
    assert whole.dataset.digest != partly.dataset.digest


async def test_a_watcher_gets_the_run_then_changes_then_the_end(service: Service) -> None:
    run_id = (await service.start("a")).run_id
    seen = []

    async for update in service.stub.WatchRun(pb.WatchRunRequest(run_id=run_id)):
        seen.append(update)
        if len(seen) == 1:
            (asked,) = await service.inside.work_off(up_to=Stage.TRANSCRIBE)
            progress = events.StepProgressed(
                run_id=run_id, step_id=asked.context.step_id, attempt=1, fraction=0.5
            )
            await service.inside.bus.announce_progress(progress)
        elif any(each.state == pb.STEP_STATE_RUNNING for each in update.recording.steps):
            assert update.recording.steps[3].progress_ratio == 0.5
            await service.inside.work_off()

    assert seen[0].run.recordings
    assert not any(each.run.recordings for each in seen[1:])
    assert seen[-1].run.state == pb.STATE_SUCCEEDED
    assert len(seen) < 12


async def test_watching_a_run_that_has_ended_ends_at_once(service: Service) -> None:
    run_id = (await service.start("a")).run_id
    await service.inside.work_off()

    seen = [each async for each in service.stub.WatchRun(pb.WatchRunRequest(run_id=run_id))]

    assert [each.run.state for each in seen] == [pb.STATE_SUCCEEDED]


async def test_a_slow_watcher_misses_steps_but_piles_up_nothing(service: Service) -> None:
    run_id = (await service.start("a")).run_id
    updates = service.inside.pipeline.servicer._watching.watch(run_id)
    await anext(updates)
    (asked,) = await service.inside.work_off(up_to=Stage.TRANSCRIBE)
    step = StepRef.parse(run_id, asked.context.step_id, 1)
    for hundredth in range(10_000):
        service.inside.pipeline.live.progressed(step, hundredth / 10_000)
    await service.inside.work_off()

    rest = [update async for update in updates]

    assert len(rest) < 6
    assert rest[-1].run.state == pb.STATE_SUCCEEDED


async def test_a_watcher_is_sent_away_when_the_service_stops(service: Service) -> None:
    run_id = (await service.start("a")).run_id
    updates = aiter(service.stub.WatchRun(pb.WatchRunRequest(run_id=run_id)))
    await anext(updates)

    service.inside.stopping.set()

    async def rest() -> None:
        async for _ in updates:
            pass

    assert isinstance(await failure_of(rest()), UnavailableError)


async def test_a_watcher_that_goes_leaves_nothing_behind(service: Service) -> None:
    run_id = (await service.start("a")).run_id
    call = service.stub.WatchRun(pb.WatchRunRequest(run_id=run_id))
    await anext(aiter(call))
    assert service.inside.bucket._watchers

    call.cancel()

    await eventually(lambda: not service.inside.bucket._watchers)
    assert not service.inside.pipeline.live._listeners
