"""Starts the dataset service: `python -m services.dataset`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import grpc

from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.dataset import worker
from services.dataset.building import Building
from services.dataset.exporting import Exporting
from services.dataset.listing import Listing
from services.dataset.recommending import Recommending
from services.dataset.reviewing import Reviewing
from services.dataset.servicer import DatasetServicer
from services.dataset.settings import DatasetSettings
from services.dataset.versions import Versions
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import add_DatasetServiceServicer_to_server
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events


def now() -> datetime:
    """Returns the time."""
    return datetime.now(UTC)


@asynccontextmanager
async def compose(settings: DatasetSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    store, steps = resources.store, resources.steps
    versions = Versions(store)
    building = Building(store, steps, versions, settings, now)
    recommending = Recommending(store, settings)
    servicer = DatasetServicer(
        versions=versions,
        building=building,
        reviewing=Reviewing(store, versions, now),
        exporting=Exporting(store, steps, recommending, resources.scratch),
        recommending=recommending,
        listing=Listing(store, versions),
        bus=resources.bus,
    )

    def register(server: grpc.aio.Server) -> None:
        add_DatasetServiceServicer_to_server(servicer, server)

    yield Edges(
        register=register,
        service_names=(pb.DESCRIPTOR.services_by_name["DatasetService"].full_name,),
        work=worker.handlers(building),
    )


if __name__ == "__main__":
    run(
        DatasetSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
