"""Services that are each a NATS user of their own make a dataset, and are refused nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import grpc
import pytest

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import ServicePorts, service_environment
from gateway.services import ALL, PIPELINE
from services.chassis.channel import open_channel
from tests.e2e.command import environment
from tests.e2e.talks import record, sentences
from tests.eventually import eventually
from tests.nats_users import nats_with_users, password_of
from tests.servers import NatsServer, accepts, free_port, wait_until_ready
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import PipelineServiceStub

HASTE = {
    "TTSTRAINER_PIPELINE_INBOX_POLL_SECONDS": "0.5",
    "TTSTRAINER_PIPELINE_REST_SECONDS": "1",
    "TTSTRAINER_PIPELINE_QUIET_SECONDS": "1",
}

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    server = nats_with_users(tmp_path / "nats-users")
    yield server
    server.stop()


async def test_a_drop_becomes_a_dataset_with_a_nats_user_for_each_service(
    server: NatsServer, tmp_path: Path
) -> None:
    folder = DataFolder(tmp_path / "home")
    folder.create()
    inbox = folder.store / "inbox" / "dora"
    inbox.mkdir(parents=True)
    (inbox / "voice.json").write_text(json.dumps({"language_code": "en", "model": "tiny.en"}))
    talk = record(tmp_path / "talk.mp4", sentences()[:1])
    talk.path.rename(inbox / "talk.mp4")

    with services(folder, server) as pipeline_address:
        (run,) = await eventually(
            lambda: ended_runs(pipeline_address), within_seconds=90, every_seconds=0.5
        )
    assert run.state == pb.STATE_SUCCEEDED, logs(folder)
    assert "Violation" not in server.said
    assert "nats.refused" not in logs(folder)


@contextmanager
def services(folder: DataFolder, server: NatsServer) -> Iterator[str]:
    """Runs every service, and gives the address of the pipeline."""
    ports = tuple(ServicePorts(service, free_port(), free_port()) for service in ALL)
    inherited = environment(folder.root, **HASTE)
    with ExitStack() as stack:
        for each in ports:
            variables = service_environment(
                inherited,
                host="127.0.0.1",
                ports=ports,
                service=each.service,
                data_folder=folder,
                nats_url=server.url,
            ) | {
                "TTSTRAINER_NATS_USER": each.service.name,
                "TTSTRAINER_NATS_PASSWORD": password_of(each.service.name),
            }
            with (folder.logs / f"{each.service.name}.log").open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", each.service.module],
                    env=variables,
                    stdout=log,
                    stderr=log,
                )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            wait_until_ready(process, partial(accepts, each.port))
        yield next(f"127.0.0.1:{each.port}" for each in ports if each.service == PIPELINE)


async def ended_runs(address: str) -> list[pb.Run]:
    """Returns the runs that have ended."""
    async with open_channel(address) as channel:
        try:
            listed = await PipelineServiceStub(channel).ListRuns(pb.ListRunsRequest(), timeout=10)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            return []  # it is starting
    return [run for run in listed.runs if run.state != pb.STATE_RUNNING]


def logs(folder: DataFolder) -> str:
    """Returns what the services said."""
    return os.linesep.join(path.read_text() for path in sorted(folder.logs.glob("*.log")))
