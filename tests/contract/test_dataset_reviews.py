from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import grpc
import pytest

from services.chassis.steps import MANIFEST_KEYS
from tests.dataset_service import SENTENCES, DatasetService, dataset_service
from tests.fakes.artifacts import InMemoryArtifacts
from tests.prepared_recordings import prepared_recording
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


class InterruptedArtifacts(InMemoryArtifacts):
    """Lets something happen right before the result of a step is recorded."""

    interruption: Callable[[], Awaitable[object]] | None = None

    async def create(self, key: str, content: bytes) -> bool:
        if self.interruption and key.startswith(MANIFEST_KEYS):
            interruption, self.interruption = self.interruption, None
            await interruption()
        return await super().create(key, content)


@pytest.fixture
async def datasets(tmp_path: Path) -> AsyncIterator[DatasetService]:
    async with dataset_service(tmp_path) as service:
        yield service


async def test_a_review_is_a_new_version_and_survives_a_rebuild(datasets: DatasetService) -> None:
    recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES, qc_rejected=[0])
    first = await datasets.build(recording)
    kept, rejected = (
        (await datasets.clips(pb.CLIP_FILTER_KEPT))[0],
        (await datasets.clips(pb.CLIP_FILTER_REJECTED))[0],
    )
    edited = await datasets.stub.ReviewClip(
        pb.ReviewClipRequest(
            dataset_id="ada",
            version=1,
            clip_id=kept.clip_id,
            edit=pb.EditText(text=" Your  call matters. "),
        )
    )
    assert edited.clip.text == "Your call matters."
    assert (edited.dataset.version, edited.dataset.parent_version) == (2, 1)
    assert edited.dataset.digest != first.digest
    dropped = await datasets.stub.ReviewClip(
        pb.ReviewClipRequest(
            dataset_id="ada",
            version=2,
            clip_id=(await datasets.clips(pb.CLIP_FILTER_KEPT))[1].clip_id,
            reject=pb.RejectClip(reason="A cough."),
        )
    )
    assert dropped.dataset.summary.kept_count == 4
    total = dropped.dataset.summary
    assert total.input_seconds == pytest.approx(recording.duration_seconds)
    rebuilt = await datasets.build(recording)
    assert rebuilt.digest == dropped.dataset.digest
    assert rebuilt.version == 3
    assert type(datasets.bus.published[-2].event).__name__ == "DatasetReviewed"
    with pytest.raises(grpc.aio.AioRpcError, match="give it one"):
        await datasets.stub.ReviewClip(
            pb.ReviewClipRequest(
                dataset_id="ada", version=3, clip_id=rejected.clip_id, keep=pb.KeepClip()
            )
        )


async def test_a_review_that_comes_while_a_version_is_built_is_not_lost(tmp_path: Path) -> None:
    store = InterruptedArtifacts()
    async with dataset_service(tmp_path, store) as datasets:
        one = await prepared_recording(store, "one.mp4", SENTENCES)
        other = await prepared_recording(store, "other.mp4", SENTENCES[::-1])
        await datasets.build(one)
        review = pb.ReviewClipRequest(
            dataset_id="ada",
            version=1,
            clip_id=(await datasets.clips())[0].clip_id,
            reject=pb.RejectClip(reason="A cough."),
        )
        store.interruption = lambda: datasets.stub.ReviewClip(review)

        built = await datasets.build(one, other)

        rejected = await datasets.clips(pb.CLIP_FILTER_REJECTED)
        assert (built.version, built.summary.recording_count) == (3, 2)
        assert [clip.clip_id for clip in rejected if clip.reviewed] == [review.clip_id]


async def test_a_review_of_an_old_version_is_refused(datasets: DatasetService) -> None:
    await datasets.build(await prepared_recording(datasets.store, "one.mp4", SENTENCES))
    clip = (await datasets.clips())[0]
    review = pb.ReviewClipRequest(
        dataset_id="ada", version=1, clip_id=clip.clip_id, reject=pb.RejectClip()
    )
    await datasets.stub.ReviewClip(review)
    with pytest.raises(grpc.aio.AioRpcError, match="not the newest") as refusal:
        await datasets.stub.ReviewClip(review)
    assert refusal.value.code() == grpc.StatusCode.FAILED_PRECONDITION


async def test_clips_and_datasets_are_listed_page_by_page(datasets: DatasetService) -> None:
    recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    for name in ("ada", "bob", "cleo"):
        await datasets.build(recording, dataset_id=name)
    seen, token = [], ""
    while True:
        page = await datasets.stub.ListDatasets(
            pb.ListDatasetsRequest(page_size=2, page_token=token)
        )
        seen += [dataset.dataset_id for dataset in page.datasets]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["ada", "bob", "cleo"]
    request = pb.ListClipsRequest(dataset_id="ada", page_size=4)
    first = await datasets.stub.ListClips(request)
    request.page_token = first.next_page_token
    second = await datasets.stub.ListClips(request)
    assert [len(first.clips), len(second.clips), second.next_page_token] == [4, 2, ""]


@pytest.mark.parametrize("token", ["%%%", "bm90IGEgbnVtYmVy"])
async def test_a_foreign_page_token_is_refused(datasets: DatasetService, token: str) -> None:
    await datasets.build(await prepared_recording(datasets.store, "one.mp4", SENTENCES))
    with pytest.raises(grpc.aio.AioRpcError, match="page token"):
        await datasets.clips(page_token=token)


async def test_an_unknown_dataset_or_version_is_not_found(datasets: DatasetService) -> None:
    await datasets.build(await prepared_recording(datasets.store, "one.mp4", SENTENCES))
    for request in (
        pb.GetDatasetRequest(dataset_id="nobody"),
        pb.GetDatasetRequest(dataset_id="ada", version=7),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await datasets.stub.GetDataset(request)
        assert refusal.value.code() == grpc.StatusCode.NOT_FOUND
