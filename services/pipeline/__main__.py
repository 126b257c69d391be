"""Starts the pipeline service: `python -m services.pipeline`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import grpc

from services.chassis.errors import InvalidInputError
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.pipeline.assembly import assembled
from services.pipeline.hearing import hearing
from services.pipeline.settings import PipelineSettings
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import (
    add_PipelineServiceServicer_to_server,
)

BUCKET = "runs"


@asynccontextmanager
async def compose(settings: PipelineSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    link = resources.jetstream
    if link is None:
        message = "The pipeline needs NATS to lead runs: set TTSTRAINER_NATS_URL."
        raise InvalidInputError(message, reason="NATS_IS_MISSING")
    pipeline = assembled(
        settings,
        bucket=await link.key_value(BUCKET),
        bus=resources.bus,
        work_queue=resources.work_queue,
        clock=lambda: datetime.now(UTC),
    )

    def register(server: grpc.aio.Server) -> None:
        add_PipelineServiceServicer_to_server(pipeline.servicer, server)

    async def sweep() -> None:
        await pipeline.sweep.run(settings.sweep_seconds)

    async with hearing(link, pipeline.conductor, pipeline.live, resources.store):
        yield Edges(
            register=register,
            service_names=(pb.DESCRIPTOR.services_by_name["PipelineService"].full_name,),
            background=(sweep,),
        )


if __name__ == "__main__":
    run(
        PipelineSettings,
        compose,
        step_events=StepEvents(failed=events.StepFailed, progressed=events.StepProgressed),
    )
