"""What a client asks of the dataset service."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from gateway.client.media import Progress
from gateway.client.retrying import Patience, patiently, streamed_patiently, translated
from services.chassis.errors import UnavailableError
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.dataset.v1 import dataset_service_pb2_grpc as rpc


class DatasetClient:
    """Builds, shows, reviews and exports datasets."""

    def __init__(
        self, stub: rpc.DatasetServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def build(self, request: pb.BuildDatasetRequest) -> pb.Dataset:
        """Builds a version."""
        answer = await patiently(lambda: self._stub.BuildDataset(request), self._patience)
        return answer.dataset

    async def get(self, dataset_id: str, version: int = 0) -> pb.Dataset:
        """Returns a version, the newest when it is zero."""
        request = pb.GetDatasetRequest(dataset_id=dataset_id, version=version)
        return (await patiently(lambda: self._stub.GetDataset(request), self._patience)).dataset

    async def datasets(self) -> AsyncIterator[pb.Dataset]:
        """Yields the newest version of each dataset."""
        token = ""
        while True:
            request = pb.ListDatasetsRequest(page_size=1000, page_token=token)
            page = await patiently(partial(self._stub.ListDatasets, request), self._patience)
            for dataset in page.datasets:
                yield dataset
            if not (token := page.next_page_token):
                return

    async def clips(self, request: pb.ListClipsRequest) -> AsyncIterator[pb.DatasetClip]:
        """Yields the clips that `request` asks for, all pages."""
        wanted = pb.ListClipsRequest()
        wanted.CopyFrom(request)
        wanted.page_size = 1000
        while True:
            page = await patiently(lambda: self._stub.ListClips(wanted), self._patience)
            for clip in page.clips:
                yield clip
            if not page.next_page_token:
                return
            wanted.page_token = page.next_page_token

    async def review(self, request: pb.ReviewClipRequest) -> pb.ReviewClipResponse:
        """Makes a new version in which a person's decision on one clip counts; never repeated."""
        with translated():
            return await self._stub.ReviewClip(request)

    async def export(
        self, request: pb.ExportDatasetRequest, progress: Progress
    ) -> pb.DatasetArchive:
        """Writes a version as files in one archive."""
        calls = streamed_patiently(lambda: self._stub.ExportDataset(request), self._patience)
        async for response in calls:
            if response.HasField("archive"):
                return response.archive
            progress(response.progress_ratio)
        message = "ExportDataset ended without a result: try again."
        raise UnavailableError(message, reason="NO_RESULT")

    async def recommendations(
        self, dataset_id: str, version: int = 0
    ) -> pb.GetRecommendationsResponse:
        """Says what would make a version better."""
        request = pb.GetRecommendationsRequest(dataset_id=dataset_id, version=version)
        return await patiently(lambda: self._stub.GetRecommendations(request), self._patience)
