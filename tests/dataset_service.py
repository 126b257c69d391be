"""The dataset service behind a real channel, over a store in memory."""

import io
import itertools
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from services.chassis.artifacts import key_of
from services.chassis.steps import StepResults
from services.dataset.building import Building
from services.dataset.exporting import Exporting
from services.dataset.listing import Listing
from services.dataset.recommending import Recommending
from services.dataset.reviewing import Reviewing
from services.dataset.servicer import DatasetServicer
from services.dataset.settings import DatasetSettings
from services.dataset.versions import Versions
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.bus import InMemoryBus
from tests.fakes.serving import serving
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import (
    DatasetServiceStub,
    add_DatasetServiceServicer_to_server,
)

SENTENCES = [
    "Please hold the line.",
    "Your call is important to us.",
    "An operator will answer soon.",
    "The office is closed today.",
    "Say your name after the tone.",
    "Thank you for calling.",
]


@dataclass(frozen=True, slots=True)
class DatasetService:
    """The service, and what it keeps and says."""

    stub: DatasetServiceStub
    store: InMemoryArtifacts
    bus: InMemoryBus

    async def build(self, *recordings: pb.RecordingInput, dataset_id: str = "ada") -> pb.Dataset:
        """Builds a version."""
        request = pb.BuildDatasetRequest(dataset_id=dataset_id, recordings=recordings)
        return (await self.stub.BuildDataset(request)).dataset

    async def clips(
        self,
        clip_filter: pb.ClipFilter.ValueType = pb.CLIP_FILTER_UNSPECIFIED,
        page_token: str = "",
    ) -> list[pb.DatasetClip]:
        """Returns the first page of clips of the newest version."""
        request = pb.ListClipsRequest(dataset_id="ada", filter=clip_filter, page_token=page_token)
        return list((await self.stub.ListClips(request)).clips)

    async def exported(self, export_format: pb.ExportFormat.ValueType) -> dict[str, bytes]:
        """Returns the files of an export by their names."""
        request = pb.ExportDatasetRequest(dataset_id="ada", format=export_format)
        responses = [response async for response in self.stub.ExportDataset(request)]
        content = await self.store.read(key_of(responses[-1].archive.archive_uri))
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return {
                member.name: file.read()
                for member in archive.getmembers()
                if (file := archive.extractfile(member))
            }


@asynccontextmanager
async def dataset_service(
    scratch: Path, store: InMemoryArtifacts | None = None
) -> AsyncIterator[DatasetService]:
    """Serves for as long as the block runs; each version is a second younger than the last."""
    store, bus, seconds = store or InMemoryArtifacts(), InMemoryBus(), itertools.count()

    def now() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(seconds))

    settings = DatasetSettings(store_url="file:///unused")
    steps, versions = StepResults(store), Versions(store)
    recommending = Recommending(store, settings)
    servicer = DatasetServicer(
        versions=versions,
        building=Building(store, steps, versions, settings, now),
        reviewing=Reviewing(store, versions, now),
        exporting=Exporting(store, steps, recommending, scratch),
        recommending=recommending,
        listing=Listing(store, versions),
        bus=bus,
    )
    async with serving(partial(add_DatasetServiceServicer_to_server, servicer)) as channel:
        yield DatasetService(DatasetServiceStub(channel), store, bus)
