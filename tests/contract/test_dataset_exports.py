import csv
import hashlib
import io
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from services.chassis.artifacts import key_of
from tests.dataset_service import SENTENCES, DatasetService, dataset_service
from tests.prepared_recordings import prepared_recording
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


@pytest.fixture
async def datasets(tmp_path: Path) -> AsyncIterator[DatasetService]:
    async with dataset_service(tmp_path) as service:
        yield service


async def test_an_ljspeech_export_holds_the_samples_that_were_hashed(
    datasets: DatasetService,
) -> None:
    recording = await prepared_recording(
        datasets.store, "Ada's talk | one.mp4", SENTENCES, distrusted=[3]
    )
    await datasets.build(recording)
    files = await datasets.exported(pb.EXPORT_FORMAT_LJSPEECH)
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


async def test_a_coqui_export_has_the_columns_its_formatter_reads(datasets: DatasetService) -> None:
    await datasets.build(await prepared_recording(datasets.store, "one.mp4", SENTENCES))
    files = await datasets.exported(pb.EXPORT_FORMAT_COQUI_XTTS)
    rows = []
    for name in ("metadata_train.csv", "metadata_eval.csv"):
        table = csv.DictReader(io.StringIO(files[name].decode()), delimiter="|")
        assert table.fieldnames == ["audio_file", "text", "speaker_name"]
        rows += list(table)
    assert sorted(row["text"] for row in rows) == sorted(SENTENCES)
    assert all(row["audio_file"] in files and row["speaker_name"] == "ada" for row in rows)


async def test_an_audiofolder_export_keeps_splits_apart(datasets: DatasetService) -> None:
    await datasets.build(await prepared_recording(datasets.store, "one.mp4", SENTENCES))
    files = await datasets.exported(pb.EXPORT_FORMAT_AUDIOFOLDER)
    counts = {}
    for split in ("train", "validation"):
        table = list(csv.DictReader(io.StringIO(files[f"data/{split}/metadata.csv"].decode())))
        assert all(f"data/{split}/{row['file_name']}" in files for row in table)
        counts[split] = len(table)
    assert counts == {"train": 5, "validation": 1}


async def test_the_same_version_is_exported_to_the_same_bytes(datasets: DatasetService) -> None:
    await datasets.build(await prepared_recording(datasets.store, "one.mp4", SENTENCES))
    archives = []
    for _ in range(2):
        request = pb.ExportDatasetRequest(dataset_id="ada")
        responses = [response async for response in datasets.stub.ExportDataset(request)]
        archives.append(responses[-1].archive.archive_uri)
        for key in [k for k in datasets.store.objects if k.startswith("steps/")]:
            await datasets.store.delete(key)
    assert archives[0] == archives[1]


async def test_audio_that_is_not_what_the_clips_were_cut_from_is_refused(
    datasets: DatasetService,
) -> None:
    recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
    await datasets.build(recording)
    key = key_of(recording.audio_uri)
    content = bytearray(await datasets.store.read(key))
    content[-1] ^= 1
    await datasets.store.write(key, bytes(content))
    with pytest.raises(grpc.aio.AioRpcError, match="through the pipeline again"):
        await datasets.exported(pb.EXPORT_FORMAT_LJSPEECH)


async def test_the_report_shows_every_clip_and_escapes_what_people_wrote(
    datasets: DatasetService,
) -> None:
    texts = [*SENTENCES, "</script><script>alert(1)</script> said <b>Ada</b>."]
    recording = await prepared_recording(datasets.store, "<img src=x>.mp4", texts, qc_rejected=[0])
    left_out = pb.LeftOutRecording(
        recording_id="f" * 64, display_name="notes.mp4", stage="ProbeMedia", code="NOT_MEDIA"
    )
    await datasets.stub.BuildDataset(
        pb.BuildDatasetRequest(dataset_id="ada", recordings=[recording], left_out=[left_out])
    )
    files = await datasets.exported(pb.EXPORT_FORMAT_LJSPEECH)
    page = files["report.html"].decode()
    assert "<img src=x>" not in page
    assert "<script>alert" not in page
    assert "notes.mp4" in page
    start = page.index('id="data">') + len('id="data">')
    rows = json.loads(page[start : page.index("</script>", start)])
    assert len(rows) == 7
    assert all(row["audio"] in files for row in rows)
    assert rows[0]["reasons"][0][0] == "LOW_SNR"


async def test_recommendations_name_missing_minutes_and_costs(datasets: DatasetService) -> None:
    recording = await prepared_recording(
        datasets.store,
        "one.mp4",
        [f"{s} {n}" for n in range(5) for s in SENTENCES],
        qc_rejected=range(6),
    )
    await datasets.build(recording)
    advice = await datasets.stub.GetRecommendations(pb.GetRecommendationsRequest(dataset_id="ada"))
    assert advice.missing_minutes == pytest.approx(30 - 48 / 60)
    assert advice.threshold_costs[0].code == "LOW_SNR"
    assert advice.threshold_costs[0].recoverable_seconds == pytest.approx(12)
    codes = [item.code for item in advice.recommendations]
    assert codes[0] == "RECORD_MORE"
    assert "RECOVER_LOW_SNR" in codes
