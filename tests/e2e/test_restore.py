"""What a backup brings back: of runs and the store together, and of the store alone."""

import os
import subprocess
import sys
from pathlib import Path

from gateway.client.client import Client
from tests.bench.measured_stack import MeasuredStack, measured_stack
from tests.bench.readings import difference, read
from tests.e2e import talks
from tests.servers import S3_ACCESS_KEY, S3_BUCKET, S3_SECRET_KEY, executable
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

STATE_BACKUP = Path(__file__).parents[2] / "deploy/operations/state_backup.py"
VOICE = "ada"
COUNTED = "step_seconds "


async def test_a_restored_stack_has_its_runs_and_datasets_and_computes_nothing_again(
    tmp_path: Path,
) -> None:
    before, store_alone, restored = (tmp_path / name for name in ("before", "alone", "restored"))
    backup = tmp_path / "backup"
    video = talks.record(tmp_path / "talk.mp4", talks.sentences()[:6]).path

    with measured_stack(before) as stack:
        run = await run_of(stack, video)
        runs = state_backup(stack)  # first: what it names is in the store by then
        back_up_store(stack, backup)

    with measured_stack(restored) as stack:
        restore_store(stack, backup)
        state_backup(stack, "--restore", given=runs)
        async with Client(stack.addresses) as client:
            assert [each.run_id for each in await client.pipeline.runs()] == [run.run_id]
            assert await digest_of(client, run) == run.dataset.digest
        await assert_recorded(stack, video, run)

    with measured_stack(store_alone) as stack:
        restore_store(stack, backup)
        async with Client(stack.addresses) as client:
            assert await client.pipeline.runs() == []
            assert await digest_of(client, run) == run.dataset.digest
        await assert_recorded(stack, video, run)


async def assert_recorded(stack: MeasuredStack, video: Path, run: pb.Run) -> None:
    """The same run again gives the same dataset without one step being computed."""
    counters = read(stack)
    again = await run_of(stack, video)
    computed = {
        name: seconds
        for name, seconds in difference(read(stack), counters).items()
        if name.startswith(COUNTED) and seconds > 0
    }
    assert again.dataset.digest == run.dataset.digest
    assert computed == {}


async def run_of(stack: MeasuredStack, video: Path) -> pb.Run:
    async with Client(stack.addresses) as client:
        recording = await client.media.import_recording(video, lambda _: None)
        request = pb.StartRunRequest(
            voice=VOICE,
            sources=[pb.RunSource(recording_id=recording.recording_id)],
            options=pb.RunOptions(model="tiny.en"),
        )
        run = await client.pipeline.start(request)
        async for _ in client.pipeline.watch(run.run_id):
            pass
        run = await client.pipeline.get(run.run_id)
        assert run.state == pb.STATE_SUCCEEDED, run.error
        return run


async def digest_of(client: Client, run: pb.Run) -> str:
    dataset = await client.dataset.get(run.dataset.dataset_id, run.dataset.version)
    return dataset.digest


def state_backup(stack: MeasuredStack, *arguments: str, given: str = "") -> str:
    """Runs the script that docs/operations.md names."""
    done = subprocess.run(
        [sys.executable, str(STATE_BACKUP), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        input=given,
        env={**os.environ, "TTSTRAINER_NATS_URL": stack.nats_url},
    )
    return done.stdout


def back_up_store(stack: MeasuredStack, backup: Path) -> None:
    aws(stack, "s3", "sync", f"s3://{S3_BUCKET}", str(backup / "s3"))


def restore_store(stack: MeasuredStack, backup: Path) -> None:
    aws(stack, "s3", "sync", str(backup / "s3"), f"s3://{S3_BUCKET}")


def aws(stack: MeasuredStack, *arguments: str) -> None:
    endpoint_url = stack.store_url.partition("endpoint=")[2]
    keys = {"AWS_ACCESS_KEY_ID": S3_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": S3_SECRET_KEY}
    command = [executable("aws"), "--endpoint-url", endpoint_url, "--region", "us-east-1"]
    subprocess.run([*command, *arguments], check=True, env={**os.environ, **keys})
