"""Pages of datasets and of clips."""

from base64 import b64decode, urlsafe_b64encode
from itertools import islice

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import read_message
from services.chassis.errors import InvalidInputError
from services.dataset.versions import Versions
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

MAX_PAGE = 1000
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
        size = _page_size(request.page_size, DATASET_PAGE)
        after = _from_token(request.page_token)
        ids = [dataset_id async for dataset_id in self._versions.dataset_ids(after)]
        page = ids[:size]
        found = [await self._versions.get(dataset_id, 0) for dataset_id in page]
        more = len(ids) > size
        return pb.ListDatasetsResponse(
            datasets=found, next_page_token=_to_token(page[-1]) if more else ""
        )

    async def clips(self, request: pb.ListClipsRequest) -> pb.ListClipsResponse:
        """Returns a page of clips. Raises NotFoundError, InvalidInputError for a bad page."""
        size = _page_size(request.page_size, CLIP_PAGE)
        start = _offset(_from_token(request.page_token))
        dataset = await self._versions.get(request.dataset_id, request.version)
        document = await read_message(self._store, dataset.document_uri, pb.DatasetDocument)
        wanted = [clip for clip in document.clips if _is_wanted(clip, request)]
        page = list(islice(wanted, start, start + size))
        more = start + size < len(wanted)
        return pb.ListClipsResponse(
            clips=page, next_page_token=_to_token(str(start + size)) if more else ""
        )


def _is_wanted(clip: pb.DatasetClip, request: pb.ListClipsRequest) -> bool:
    if request.filter == pb.CLIP_FILTER_KEPT and clip.reasons:
        return False
    if request.filter == pb.CLIP_FILTER_REJECTED and not clip.reasons:
        return False
    code = request.reason_code
    return not code or any(reason.code == code for reason in clip.reasons)


def _page_size(asked: int, default: int) -> int:
    if not 0 <= asked <= MAX_PAGE:
        message = f"A page holds 1 to {MAX_PAGE} entries, not {asked}."
        raise InvalidInputError(message, reason="INVALID_PAGE_SIZE", field="page_size")
    return asked or default


def _to_token(place: str) -> str:
    return urlsafe_b64encode(place.encode()).decode()


def _from_token(token: str) -> str:
    try:
        return b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise _bad_token() from None


def _offset(place: str) -> int:
    if place and not (place.isascii() and place.isdigit()):
        raise _bad_token()
    return int(place or 0)


def _bad_token() -> InvalidInputError:
    message = "This page token was not given out here; start again without one."
    return InvalidInputError(message, reason="INVALID_PAGE_TOKEN", field="page_token")
