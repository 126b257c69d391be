"""Pages of datasets and of clips."""

from itertools import islice

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import read_message
from services.chassis.pages import bad_token, from_token, page_size, to_token
from services.dataset.versions import Versions
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

DATASET_PAGE = 50
CLIP_PAGE = 100


class Listing:
    """Lists what there is."""

    def __init__(self, store: ArtifactStore, versions: Versions) -> None:
        """Reads `store`."""
        self._store = store
        self._versions = versions

    async def datasets(self, request: pb.ListDatasetsRequest) -> pb.ListDatasetsResponse:
        """Returns a page of datasets, by id. Raises InvalidInputError for a bad page."""
        size = page_size(request.page_size, DATASET_PAGE)
        after = from_token(request.page_token)
        ids = await self._versions.dataset_ids(after)
        page = ids[:size]
        found = [await self._versions.get(dataset_id, 0) for dataset_id in page]
        more = len(ids) > size
        return pb.ListDatasetsResponse(
            datasets=found, next_page_token=to_token(page[-1]) if more else ""
        )

    async def clips(self, request: pb.ListClipsRequest) -> pb.ListClipsResponse:
        """Returns a page of clips. Raises NotFoundError, InvalidInputError for a bad page."""
        size = page_size(request.page_size, CLIP_PAGE)
        start = _offset(from_token(request.page_token))
        dataset = await self._versions.get(request.dataset_id, request.version)
        document = await read_message(self._store, dataset.document_uri, pb.DatasetDocument)
        wanted = [clip for clip in document.clips if _is_wanted(clip, request)]
        page = list(islice(wanted, start, start + size))
        more = start + size < len(wanted)
        return pb.ListClipsResponse(
            clips=page, next_page_token=to_token(str(start + size)) if more else ""
        )


def _is_wanted(clip: pb.DatasetClip, request: pb.ListClipsRequest) -> bool:
    if request.filter == pb.CLIP_FILTER_KEPT and clip.reasons:
        return False
    if request.filter == pb.CLIP_FILTER_REJECTED and not clip.reasons:
        return False
    code = request.reason_code
    return not code or any(reason.code == code for reason in clip.reasons)


def _offset(place: str) -> int:
    if place and not (place.isascii() and place.isdigit()):
        raise bad_token()
    return int(place or 0)
