import asyncio
import csv
import hashlib
import io
import itertools
import json
import tarfile
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

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
from tests.prepared_recordings import prepared_recording
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
STEP_SECONDS = itertools.count()


def some_time() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(STEP_SECONDS))


@pytest.fixture
def store() -> InMemoryArtifacts:
    return InMemoryArtifacts()


@pytest.fixture
def bus() -> InMemoryBus:
    return InMemoryBus()


@pytest.fixture
async def datasets(
    store: InMemoryArtifacts, bus: InMemoryBus, tmp_path: Path
) -> AsyncIterator[DatasetServiceStub]:
    settings = DatasetSettings(store_url="file:///unused")
    steps, versions = StepResults(store), Versions(store)
    recommending = Recommending(store, settings)
    servicer = DatasetServicer(
        versions=versions,
        building=Building(store, steps, versions, settings, some_time),
        reviewing=Reviewing(store, versions, some_time),
        exporting=Exporting(store, steps, recommending, tmp_path),
        recommending=recommending,
        listing=Listing(store, versions),
        bus=bus,
    )
    async with serving(lambda server: add_DatasetServiceServicer_to_server(servicer, server)) as to:
        yield DatasetServiceStub(to)


async def build(
    datasets: DatasetServiceStub, *recordings: pb.RecordingInput, dataset_id: str = "ada"
) -> pb.Dataset:
    request = pb.BuildDatasetRequest(dataset_id=dataset_id, recordings=recordings)
    return (await datasets.BuildDataset(request)).dataset


async def clips(
    datasets: DatasetServiceStub,
    clip_filter: pb.ClipFilter.ValueType = pb.CLIP_FILTER_UNSPECIFIED,
    page_token: str = "",
) -> list[pb.DatasetClip]:
    request = pb.ListClipsRequest(dataset_id="ada", filter=clip_filter, page_token=page_token)
    return list((await datasets.ListClips(request)).clips)


async def exported(
    datasets: DatasetServiceStub,
    store: InMemoryArtifacts,
    export_format: pb.ExportFormat.ValueType,
) -> dict[str, bytes]:
    request = pb.ExportDatasetRequest(dataset_id="ada", format=export_format)
    responses = [response async for response in datasets.ExportDataset(request)]
    content = await store.read(key_of(responses[-1].archive.archive_uri))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {
            member.name: file.read()
            for member in archive.getmembers()
            if (file := archive.extractfile(member))
        }


async def test_a_build_accounts_for_every_second(
    datasets: DatasetServiceStub, store: InMemoryArtifacts, bus: InMemoryBus
) -> None:
    one = await prepared_recording(store, "one.mp4", SENTENCES, qc_rejected=[1], distrusted=[2])
    two = await prepared_recording(store, "two.mkv", SENTENCES, missing_seconds=1.5)
    dataset = await build(datasets, one, two)
    summary = dataset.summary
    assert (dataset.version, dataset.language_code, dataset.sample_rate_hertz) == (1, "en", 24_000)
    assert (summary.kept_count, summary.rejected_count) == (10, 2)
    assert summary.input_seconds == pytest.approx(one.duration_seconds + two.duration_seconds)
    assert summary.kept_seconds + summary.rejected_seconds + summary.silence_seconds + (
        summary.other_sound_seconds + summary.missing_seconds
    ) == pytest.approx(summary.input_seconds, abs=1e-3)
    assert {r.code: r.seconds for r in summary.rejections} == {"LOW_SNR": 2.0, "CUT_WORD": 2.0}
    assert [type(told.event).__name__ for told in bus.published] == ["DatasetBuilt"]


async def test_building_the_same_again_computes_nothing_and_makes_no_version(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    recording = await prepared_recording(store, "one.mp4", SENTENCES)
    first = await build(datasets, recording)
    written = len(store.written_keys)
    assert await build(datasets, recording) == first
    assert len(store.written_keys) == written


async def test_a_new_recording_makes_a_new_version_and_the_old_one_stays(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    one = await prepared_recording(store, "one.mp4", SENTENCES)
    first = await build(datasets, one)
    second = await build(datasets, one, await prepared_recording(store, "two.mp4", SENTENCES))
    old = await datasets.GetDataset(pb.GetDatasetRequest(dataset_id="ada", version=1))
    newest = await datasets.GetDataset(pb.GetDatasetRequest(dataset_id="ada"))
    assert (old.dataset, newest.dataset) == (first, second)
    assert second.version == 2


async def test_builders_that_race_agree_on_one_version(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    recording = await prepared_recording(store, "one.mp4", SENTENCES)
    built = await asyncio.gather(*(build(datasets, recording) for _ in range(20)))
    assert {dataset.version for dataset in built} == {1}
    assert len([key for key in store.objects if "/versions/" in key]) == 1


async def test_the_digest_does_not_depend_on_names_or_the_order_of_recordings(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    one = await prepared_recording(store, "one.mp4", SENTENCES)
    two = await prepared_recording(store, "two.mp4", SENTENCES)
    first = await build(datasets, one, two)
    one.display_name = "renamed.mp4"
    other = await build(datasets, two, one, dataset_id="bob")
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
    datasets: DatasetServiceStub, request_: pb.BuildDatasetRequest, code: str, text: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await datasets.BuildDataset(request_)
    assert refusal.value.code().name == code
    assert text in str(refusal.value.details())


async def test_a_build_without_clips_says_what_cost_most(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    bad = await prepared_recording(store, "bad.mp4", SENTENCES, qc_rejected=range(6))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await build(datasets, bad)
    assert refusal.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "LOW_SNR (6 clips, 12 s)" in str(refusal.value.details())


async def test_recordings_of_different_sample_rates_do_not_mix(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    one = await prepared_recording(store, "one.mp4", SENTENCES)
    two = await prepared_recording(store, "two.mp4", SENTENCES, sample_rate_hertz=22_050)
    with pytest.raises(grpc.aio.AioRpcError, match="22050, 24000 Hz"):
        await build(datasets, one, two)


async def test_a_recording_of_another_speaker_stays_out(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    ada = [
        await prepared_recording(store, f"{n}.mp4", SENTENCES, embedding=[1.0, 0.1 * n])
        for n in range(3)
    ]
    bob = await prepared_recording(store, "bob.mp4", SENTENCES, embedding=[0.0, 1.0])
    await build(datasets, *ada, bob)
    rejected = await clips(datasets, pb.CLIP_FILTER_REJECTED)
    assert {clip.recording_id for clip in rejected} == {bob.recording_id}
    assert {clip.reasons[0].code for clip in rejected} == {"OTHER_SPEAKER_RECORDING"}


async def test_a_review_is_a_new_version_and_survives_a_rebuild(
    datasets: DatasetServiceStub, store: InMemoryArtifacts, bus: InMemoryBus
) -> None:
    recording = await prepared_recording(store, "one.mp4", SENTENCES, qc_rejected=[0])
    first = await build(datasets, recording)
    kept, rejected = (
        (await clips(datasets, pb.CLIP_FILTER_KEPT))[0],
        (await clips(datasets, pb.CLIP_FILTER_REJECTED))[0],
    )
    edited = await datasets.ReviewClip(
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
    dropped = await datasets.ReviewClip(
        pb.ReviewClipRequest(
            dataset_id="ada",
            version=2,
            clip_id=(await clips(datasets, pb.CLIP_FILTER_KEPT))[1].clip_id,
            reject=pb.RejectClip(reason="A cough."),
        )
    )
    assert dropped.dataset.summary.kept_count == 4
    total = dropped.dataset.summary
    assert total.input_seconds == pytest.approx(recording.duration_seconds)
    rebuilt = await build(datasets, recording)
    assert rebuilt.digest == dropped.dataset.digest
    assert rebuilt.version == 3
    assert type(bus.published[-2].event).__name__ == "DatasetReviewed"
    with pytest.raises(grpc.aio.AioRpcError, match="give it one"):
        await datasets.ReviewClip(
            pb.ReviewClipRequest(
                dataset_id="ada", version=3, clip_id=rejected.clip_id, keep=pb.KeepClip()
            )
        )


async def test_a_review_of_an_old_version_is_refused(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    await build(datasets, await prepared_recording(store, "one.mp4", SENTENCES))
    clip = (await clips(datasets))[0]
    review = pb.ReviewClipRequest(
        dataset_id="ada", version=1, clip_id=clip.clip_id, reject=pb.RejectClip()
    )
    await datasets.ReviewClip(review)
    with pytest.raises(grpc.aio.AioRpcError, match="not the newest") as refusal:
        await datasets.ReviewClip(review)
    assert refusal.value.code() == grpc.StatusCode.FAILED_PRECONDITION


async def test_clips_and_datasets_are_listed_page_by_page(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    recording = await prepared_recording(store, "one.mp4", SENTENCES)
    for name in ("ada", "bob", "cleo"):
        await build(datasets, recording, dataset_id=name)
    seen, token = [], ""
    while True:
        page = await datasets.ListDatasets(pb.ListDatasetsRequest(page_size=2, page_token=token))
        seen += [dataset.dataset_id for dataset in page.datasets]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["ada", "bob", "cleo"]
    request = pb.ListClipsRequest(dataset_id="ada", page_size=4)
    first = await datasets.ListClips(request)
    request.page_token = first.next_page_token
    second = await datasets.ListClips(request)
    assert [len(first.clips), len(second.clips), second.next_page_token] == [4, 2, ""]


@pytest.mark.parametrize("token", ["%%%", "bm90IGEgbnVtYmVy"])
async def test_a_foreign_page_token_is_refused(
    datasets: DatasetServiceStub, store: InMemoryArtifacts, token: str
) -> None:
    await build(datasets, await prepared_recording(store, "one.mp4", SENTENCES))
    with pytest.raises(grpc.aio.AioRpcError, match="page token"):
        await clips(datasets, page_token=token)


async def test_an_unknown_dataset_or_version_is_not_found(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    await build(datasets, await prepared_recording(store, "one.mp4", SENTENCES))
    for request in (
        pb.GetDatasetRequest(dataset_id="nobody"),
        pb.GetDatasetRequest(dataset_id="ada", version=7),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await datasets.GetDataset(request)
        assert refusal.value.code() == grpc.StatusCode.NOT_FOUND


async def test_an_ljspeech_export_holds_the_samples_that_were_hashed(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    recording = await prepared_recording(store, "Ada's talk | one.mp4", SENTENCES, distrusted=[3])
    await build(datasets, recording)
    files = await exported(datasets, store, pb.EXPORT_FORMAT_LJSPEECH)
    described = json.loads(files["dataset.json"])
    rows = [line.split("|") for line in files["metadata.csv"].decode().splitlines()]
    assert [row[1] for row in rows] == [s for n, s in enumerate(SENTENCES) if n != 3]
    assert all(f"wavs/{row[0]}.wav" in files for row in rows)
    assert len(described["clips"]) == 6
    for clip in described["clips"]:
        with wave.open(io.BytesIO(files[clip["file"]])) as audio:
            assert (audio.getframerate(), audio.getnchannels()) == (24_000, 1)
            samples = audio.readframes(audio.getnframes())
        assert hashlib.sha256(samples).hexdigest() == clip["pcm_sha256"]
    rejected = [name for name in files if name.startswith("rejected/")]
    assert len(rejected) == 1


async def test_a_coqui_export_has_the_columns_its_formatter_reads(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    await build(datasets, await prepared_recording(store, "one.mp4", SENTENCES))
    files = await exported(datasets, store, pb.EXPORT_FORMAT_COQUI_XTTS)
    rows = []
    for name in ("metadata_train.csv", "metadata_eval.csv"):
        table = csv.DictReader(io.StringIO(files[name].decode()), delimiter="|")
        assert table.fieldnames == ["audio_file", "text", "speaker_name"]
        rows += list(table)
    assert sorted(row["text"] for row in rows) == sorted(SENTENCES)
    assert all(row["audio_file"] in files and row["speaker_name"] == "ada" for row in rows)


async def test_an_audiofolder_export_keeps_splits_apart(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    await build(datasets, await prepared_recording(store, "one.mp4", SENTENCES))
    files = await exported(datasets, store, pb.EXPORT_FORMAT_AUDIOFOLDER)
    counts = {}
    for split in ("train", "validation"):
        table = list(csv.DictReader(io.StringIO(files[f"data/{split}/metadata.csv"].decode())))
        assert all(f"data/{split}/{row['file_name']}" in files for row in table)
        counts[split] = len(table)
    assert counts == {"train": 5, "validation": 1}


async def test_the_same_version_is_exported_to_the_same_bytes(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    await build(datasets, await prepared_recording(store, "one.mp4", SENTENCES))
    archives = []
    for _ in range(2):
        request = pb.ExportDatasetRequest(dataset_id="ada")
        responses = [response async for response in datasets.ExportDataset(request)]
        archives.append(responses[-1].archive.archive_uri)
        for key in [k for k in store.objects if k.startswith("steps/")]:
            await store.delete(key)
    assert archives[0] == archives[1]


async def test_audio_that_is_not_what_the_clips_were_cut_from_is_refused(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    recording = await prepared_recording(store, "one.mp4", SENTENCES)
    await build(datasets, recording)
    key = key_of(recording.audio_uri)
    content = bytearray(await store.read(key))
    content[-1] ^= 1
    await store.write(key, bytes(content))
    with pytest.raises(grpc.aio.AioRpcError, match="through the pipeline again"):
        await exported(datasets, store, pb.EXPORT_FORMAT_LJSPEECH)


async def test_the_report_shows_every_clip_and_escapes_what_people_wrote(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    texts = [*SENTENCES, "</script><script>alert(1)</script> said <b>Ada</b>."]
    recording = await prepared_recording(store, "<img src=x>.mp4", texts, qc_rejected=[0])
    left_out = pb.LeftOutRecording(
        recording_id="f" * 64, display_name="notes.mp4", stage="ProbeMedia", code="NOT_MEDIA"
    )
    await datasets.BuildDataset(
        pb.BuildDatasetRequest(dataset_id="ada", recordings=[recording], left_out=[left_out])
    )
    files = await exported(datasets, store, pb.EXPORT_FORMAT_LJSPEECH)
    page = files["report.html"].decode()
    assert "<img src=x>" not in page
    assert "<script>alert" not in page
    assert "notes.mp4" in page
    start = page.index('id="data">') + len('id="data">')
    rows = json.loads(page[start : page.index("</script>", start)])
    assert len(rows) == 7
    assert all(row["audio"] in files for row in rows)
    assert rows[0]["reasons"][0][0] == "LOW_SNR"


async def test_recommendations_name_missing_minutes_and_costs(
    datasets: DatasetServiceStub, store: InMemoryArtifacts
) -> None:
    recording = await prepared_recording(
        store, "one.mp4", [f"{s} {n}" for n in range(5) for s in SENTENCES], qc_rejected=range(6)
    )
    await build(datasets, recording)
    advice = await datasets.GetRecommendations(pb.GetRecommendationsRequest(dataset_id="ada"))
    assert advice.missing_minutes == pytest.approx(30 - 48 / 60)
    assert advice.threshold_costs[0].code == "LOW_SNR"
    assert advice.threshold_costs[0].recoverable_seconds == pytest.approx(12)
    codes = [item.code for item in advice.recommendations]
    assert codes[0] == "RECORD_MORE"
    assert "RECOVER_LOW_SNR" in codes
