"""The pipeline over a real NATS server; the other services are workers that answer as scripted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from services.chassis.beside import running_beside
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.queue_worker.working import working
from services.chassis.settings import ServiceSettings
from services.chassis.work import StepEvents
from services.pipeline.assembly import Pipeline, assembled
from services.pipeline.hearing import hearing
from services.pipeline.run_model import Snapshot, Stage, State
from services.pipeline.settings import PipelineSettings
from services.pipeline.wire import run_message
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.stages import Stages
from tests.servers import NatsServer
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

STEP_EVENTS = StepEvents(failed=events.StepFailed, progressed=events.StepProgressed)


@asynccontextmanager
async def serving(stages: Stages, server: NatsServer, *only: Stage) -> AsyncIterator[None]:
    """A worker for these stages, all when none is named."""
    settings = ServiceSettings(
        nats_url=server.url,
        store_url="file:///unused",
        ack_wait_seconds=5,
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
    """Returns the run once it has ended, however it did."""

    async def has_ended() -> Snapshot | None:
        snapshot = await pipeline.runs.get(run_id)
        return snapshot if snapshot.run.state is not State.RUNNING else None

    snapshot = await eventually(has_ended, within_seconds=30)
    assert snapshot
    return snapshot


def shown(pipeline: Pipeline, snapshot: Snapshot) -> pb.Run:
    """Returns the run as a caller sees it."""
    return run_message(snapshot, pipeline.live, with_recordings=True)
