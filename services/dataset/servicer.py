"""DatasetService over gRPC: translation only."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc

from services.chassis.bus import Bus
from services.chassis.progress_stream import progress_stream
from services.dataset.building import Building
from services.dataset.exporting import Exporting
from services.dataset.listing import Listing
from services.dataset.recommending import Recommending
from services.dataset.reviewing import Reviewing
from services.dataset.versions import Versions
from ttstrainer.dataset.v1 import dataset_events_pb2 as events
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import DatasetServiceServicer

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class DatasetServicer(DatasetServiceServicer):
    """Answers the RPCs with the use cases."""

    versions: Versions
    building: Building
    reviewing: Reviewing
    exporting: Exporting
    recommending: Recommending
    listing: Listing
    bus: Bus

    async def BuildDataset(
        self, request: pb.BuildDatasetRequest, context: Context
    ) -> pb.BuildDatasetResponse:
        """See the contract."""
        dataset = await self.building.build(request)
        await self.bus.publish(events.DatasetBuilt(dataset=dataset))
        return pb.BuildDatasetResponse(dataset=dataset)

    async def GetDataset(
        self, request: pb.GetDatasetRequest, context: Context
    ) -> pb.GetDatasetResponse:
        """See the contract."""
        dataset = await self.versions.get(request.dataset_id, request.version)
        return pb.GetDatasetResponse(dataset=dataset)

    async def ListDatasets(
        self, request: pb.ListDatasetsRequest, context: Context
    ) -> pb.ListDatasetsResponse:
        """See the contract."""
        return await self.listing.datasets(request)

    async def ListClips(
        self, request: pb.ListClipsRequest, context: Context
    ) -> pb.ListClipsResponse:
        """See the contract."""
        return await self.listing.clips(request)

    async def ReviewClip(
        self, request: pb.ReviewClipRequest, context: Context
    ) -> pb.ReviewClipResponse:
        """See the contract."""
        dataset, clip = await self.reviewing.review(request)
        await self.bus.publish(events.DatasetReviewed(dataset=dataset, clip_id=clip.clip_id))
        return pb.ReviewClipResponse(dataset=dataset, clip=clip)

    async def ExportDataset(
        self, request: pb.ExportDatasetRequest, context: Context
    ) -> AsyncIterator[pb.ExportDatasetResponse]:
        """See the contract."""
        dataset = await self.versions.get(request.dataset_id, request.version)
        stream = progress_stream(
            partial(self.exporting.export, dataset, request),
            as_progress=lambda ratio: pb.ExportDatasetResponse(progress_ratio=ratio),
            as_result=lambda archive: pb.ExportDatasetResponse(archive=archive),
        )
        async with aclosing(stream) as responses:
            async for response in responses:
                yield response

    async def GetRecommendations(
        self, request: pb.GetRecommendationsRequest, context: Context
    ) -> pb.GetRecommendationsResponse:
        """See the contract."""
        dataset = await self.versions.get(request.dataset_id, request.version)
        return await self.recommending.recommend(dataset)
