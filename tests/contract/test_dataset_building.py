import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from tests.dataset_service import SENTENCES, DatasetService, dataset_service
from tests.prepared_recordings import prepared_recording
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


@pytest.fixture
async def datasets(tmp_path: Path) -> AsyncIterator[DatasetService]:
    async with dataset_service(tmp_path) as service:
        yield service


async def test_a_build_accounts_for_every_second(datasets: DatasetService) -> None:
    one = await prepared_recording(
        datasets.store, "one.mp4", SENTENCES, qc_rejected=[1], distrusted=[2]
    )
    two = await prepared_recording(datasets.store, "two.mkv", SENTENCES, missing_seconds=1.5)
    dataset = await datasets.build(one, two)
    summary = dataset.summary
    assert (dataset.version, dataset.language_code, dataset.sample_rate_hertz) == (1, "en", 24_000)
    assert (summary.kept_count, summary.rejected_count) == (10, 2)
    assert summary.input_seconds == pytest.approx(one.duration_seconds + two.duration_seconds)
    assert summary.kept_seconds + summary.rejected_seconds + summary.silence_seconds + (
        summary.other_sound_seconds + summary.missing_seconds
    ) == pytest.approx(summary.input_seconds, abs=1e-3)
    assert {r.code: r.seconds for r in summary.rejections} == {"LOW_SNR": 2.0, "CUT_WORD": 2.0}
    assert [type(told.event).__name__ for told in datasets.bus.published] == ["DatasetBuilt"]


async def test_building_the_same_again_computes_nothing_and_makes_no_version(
    datasets: DatasetService,
) -> None:
    recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    first = await datasets.build(recording)
    written = len(datasets.store.written_keys)
    assert await datasets.build(recording) == first
    assert len(datasets.store.written_keys) == written


async def test_a_new_recording_makes_a_new_version_and_the_old_one_stays(
    datasets: DatasetService,
) -> None:
    one = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    first = await datasets.build(one)
    second = await datasets.build(
        one, await prepared_recording(datasets.store, "two.mp4", SENTENCES)
    )
    old = await datasets.stub.GetDataset(pb.GetDatasetRequest(dataset_id="ada", version=1))
    newest = await datasets.stub.GetDataset(pb.GetDatasetRequest(dataset_id="ada"))
    assert (old.dataset, newest.dataset) == (first, second)
    assert second.version == 2


async def test_builders_that_race_agree_on_one_version(datasets: DatasetService) -> None:
    recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    built = await asyncio.gather(*(datasets.build(recording) for _ in range(20)))
    assert {dataset.version for dataset in built} == {1}
    assert len([key for key in datasets.store.objects if "/versions/" in key]) == 1


async def test_the_digest_does_not_depend_on_names_or_the_order_of_recordings(
    datasets: DatasetService,
) -> None:
    one = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    two = await prepared_recording(datasets.store, "two.mp4", SENTENCES)
    first = await datasets.build(one, two)
    one.display_name = "renamed.mp4"
    other = await datasets.build(two, one, dataset_id="bob")
    assert first.digest == other.digest


@pytest.mark.parametrize(
    ("request_", "code", "text"),
    [
        (pb.BuildDatasetRequest(dataset_id="a/b"), "INVALID_ARGUMENT", "cannot name a dataset"),
        (pb.BuildDatasetRequest(dataset_id="ada"), "INVALID_ARGUMENT", "at least one recording"),
        (
            pb.BuildDatasetRequest(
                dataset_id="ada",
                recordings=[pb.RecordingInput(clips_uri="artifact://blobs/" + "0" * 64)],
            ),
            "NOT_FOUND",
            "no artifact",
        ),
    ],
)
async def test_a_bad_build_is_refused_with_what_to_do(
    datasets: DatasetService, request_: pb.BuildDatasetRequest, code: str, text: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await datasets.stub.BuildDataset(request_)
    assert refusal.value.code().name == code
    assert text in str(refusal.value.details())


async def test_a_build_without_clips_says_what_cost_most(datasets: DatasetService) -> None:
    bad = await prepared_recording(datasets.store, "bad.mp4", SENTENCES, qc_rejected=range(6))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await datasets.build(bad)
    assert refusal.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "LOW_SNR (6 clips, 12 s)" in str(refusal.value.details())


async def test_recordings_of_different_sample_rates_do_not_mix(datasets: DatasetService) -> None:
    one = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    two = await prepared_recording(datasets.store, "two.mp4", SENTENCES, sample_rate_hertz=22_050)
    with pytest.raises(grpc.aio.AioRpcError, match="22050, 24000 Hz"):
        await datasets.build(one, two)


async def test_a_recording_of_another_speaker_stays_out(datasets: DatasetService) -> None:
    ada = [
        await prepared_recording(datasets.store, f"{n}.mp4", SENTENCES, embedding=[1.0, 0.1 * n])
        for n in range(3)
    ]
    bob = await prepared_recording(datasets.store, "bob.mp4", SENTENCES, embedding=[0.0, 1.0])
    await datasets.build(*ada, bob)
    rejected = await datasets.clips(pb.CLIP_FILTER_REJECTED)
    assert {clip.recording_id for clip in rejected} == {bob.recording_id}
    assert {clip.reasons[0].code for clip in rejected} == {"OTHER_SPEAKER_RECORDING"}


async def test_a_dataset_whose_name_begins_like_another_one_is_listed_too(
    datasets: DatasetService,
) -> None:
    recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    for dataset_id in ("ada", "ada-2", "ada.3"):
        await datasets.build(recording, dataset_id=dataset_id)
    listed, token = [], ""
    for _ in range(3):
        request = pb.ListDatasetsRequest(page_size=1, page_token=token)
        page = await datasets.stub.ListDatasets(request)
        listed += [each.dataset_id for each in page.datasets]
        token = page.next_page_token
    assert (listed, token) == (["ada", "ada-2", "ada.3"], "")
