"""Videos that are dropped over S3 become datasets, through faults too."""

import asyncio
import json
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from minio.datatypes import Part

from services.chassis.blobs import sha256_of
from tests.deployed_s3 import BUCKET, keys_under, put
from tests.e2e.command import run_pipeline
from tests.e2e.s3_services import S3House, s3_house
from tests.e2e.stack import RunningStack
from tests.e2e.talks import record, sentences
from tests.eventually import eventually
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

OPTIONS = {"language_code": "en", "model": "tiny.en"}
LARGE_BYTES = 66 << 20
PART_BYTES = 8 << 20
WITHIN_SECONDS = 120

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3House]:
    """A stack on S3 for all tests of the module."""
    with s3_house(tmp_path_factory.mktemp("house")) as running:
        yield running


async def test_drops_over_s3_and_by_folder_make_the_dataset_of_a_local_store(
    house: S3House, stack: RunningStack, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    first = record(videos / "first talk.mp4", sentences()[30:31]).path
    second = record(videos / "second talk.mkv", sentences()[31:32]).path
    watched = house.watched_folder / "dora"
    watched.mkdir()
    (watched / second.name).write_bytes(second.read_bytes())
    house.drop(voice_file(tmp_path), "dora")
    house.drop(first, "dora")

    run = await succeeded(house, "dora", recording_count=2)
    local = run_pipeline(videos, tmp_path / "out", "--language", "en", home=stack.home)
    assert local.exit_code == 0, local
    assert run.dataset.digest == local.result["digest"]
    drop = house.s3.client("drop")  # a drop is cleared away once its run has begun
    await eventually(lambda: keys_under(drop, "inbox/dora/") == ["inbox/dora/voice.json"])


async def test_a_refused_drop_leaves_a_note_that_its_dropper_can_read(
    house: S3House, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    house.drop(empty, "eva")
    note = "inbox/eva/empty.mp4.refused.txt"
    drop = house.s3.client("drop")
    await eventually(
        lambda: note in keys_under(drop, "inbox/eva/"), within_seconds=60, every_seconds=0.5
    )
    house.copied(f"s3://{BUCKET}/{note}", str(tmp_path / "note.txt"))
    assert "The file is empty" in (tmp_path / "note.txt").read_text()
    assert await house.runs_of("eva") == []


async def test_an_upload_is_taken_when_it_is_whole_however_large_and_slow(
    house: S3House, tmp_path: Path
) -> None:
    video = grown(record(tmp_path / "large.mp4", sentences()[32:33]).path, LARGE_BYTES)
    content, drop = video.read_bytes(), house.s3.client("drop")
    in_parts, growing = "inbox/finn/in parts.mp4", "inbox/ivy/growing.mp4"
    for voice in ("finn", "ivy"):
        house.drop(voice_file(tmp_path), voice)
    upload_id = drop._create_multipart_upload(BUCKET, in_parts, {})
    parts = []
    for number, start in enumerate(range(0, len(content), PART_BYTES), start=1):
        part = content[start : start + PART_BYTES]
        etag = drop._upload_part(BUCKET, in_parts, part, None, upload_id, number)
        parts.append(Part(number, etag))
        put(drop, growing, content[: start + PART_BYTES])
        await asyncio.sleep(0.3)  # it rests far less than a drop must, and grows for longer
    assert keys_under(drop, "inbox/finn/") == ["inbox/finn/voice.json"]
    assert await house.runs_of("finn") == await house.runs_of("ivy") == []
    drop._complete_multipart_upload(BUCKET, in_parts, upload_id, parts)

    for voice in ("finn", "ivy"):
        run = await succeeded(house, voice, recording_count=1)
        assert await house.recordings_of(run) == [sha256_of(video)]


async def test_a_large_file_goes_up_with_the_aws_command(house: S3House, tmp_path: Path) -> None:
    video = grown(record(tmp_path / "long.mp4", sentences()[33:34]).path, LARGE_BYTES)
    house.drop(voice_file(tmp_path), "gil")
    house.drop(video, "gil")
    await succeeded(house, "gil", recording_count=1)


async def test_a_run_survives_that_s3_is_away_for_a_while(
    house: S3House, stack: RunningStack, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    for number in (12, 14):
        record(videos / f"{number}.mp4", sentences()[number : number + 2])
    house.drop(voice_file(tmp_path), "hugo")
    for video in sorted(videos.iterdir()):
        house.drop(video, "hugo")
    await eventually(partial(house.runs_of, "hugo"), within_seconds=WITHIN_SECONDS)
    house.s3.kill()
    await asyncio.sleep(5)
    house.s3.start()

    run = await succeeded(house, "hugo", recording_count=2)
    local = run_pipeline(videos, tmp_path / "out", "--language", "en", home=stack.home)
    assert run.dataset.digest == local.result["digest"]


async def succeeded(house: S3House, voice: str, *, recording_count: int) -> pb.Run:
    """Waits for the run of a voice that has so many recordings, all of them through."""

    async def ended() -> pb.Run | None:
        runs = [each for each in await house.runs_of(voice) if each.state != pb.STATE_RUNNING]
        assert all(each.state == pb.STATE_SUCCEEDED for each in runs), (runs, house.logs)
        return next((each for each in runs if each.succeeded_count == recording_count), None)

    run = await eventually(ended, within_seconds=WITHIN_SECONDS, every_seconds=0.5)
    assert run is not None
    return run


def voice_file(folder: Path) -> Path:
    """Writes how a voice's recordings are run."""
    path = folder / "voice.json"
    path.write_text(json.dumps(OPTIONS))
    return path


def grown(video: Path, size_bytes: int) -> Path:
    """Appends a box to an MP4 that every player skips, to make it large."""
    padding = size_bytes - video.stat().st_size
    with video.open("ab") as file:
        file.write(struct.pack(">I4s", padding, b"free"))
        file.truncate(size_bytes)
    return video
