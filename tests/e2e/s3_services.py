"""All services as processes of their own, with the S3 server and the keys of the compose file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import ServicePorts, service_environment
from gateway.services import ALL, PIPELINE
from services.chassis.channel import open_channel
from tests.deployed_s3 import BUCKET, DeployedS3, s3_user_of
from tests.e2e.command import environment
from tests.servers import NatsServer, accepts, executable, free_port, wait_until_ready
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import PipelineServiceStub

HASTE = {
    "TTSTRAINER_PIPELINE_INBOX_POLL_SECONDS": "0.5",
    "TTSTRAINER_PIPELINE_REST_SECONDS": "2",
    "TTSTRAINER_PIPELINE_QUIET_SECONDS": "3",
}


@dataclass(frozen=True, slots=True)
class S3House:
    """Where everything of one stack is."""

    s3: DeployedS3
    watched_folder: Path
    pipeline_address: str
    logs_folder: Path

    @property
    def logs(self) -> str:
        """What the services said."""
        return "\n".join(path.read_text() for path in sorted(self.logs_folder.glob("*.log")))

    async def runs_of(self, voice: str) -> list[pb.Run]:
        """Returns the runs of a voice, the newest first."""
        async with open_channel(self.pipeline_address) as channel:
            try:
                listed = await PipelineServiceStub(channel).ListRuns(
                    pb.ListRunsRequest(voice=voice), timeout=10
                )
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                return []  # it is starting
        return list(listed.runs)

    async def recordings_of(self, run: pb.Run) -> list[str]:
        """Returns the ids of a run's recordings."""
        async with open_channel(self.pipeline_address) as channel:
            request = pb.GetRunRequest(run_id=run.run_id)
            got = await PipelineServiceStub(channel).GetRun(request, timeout=10)
        return [each.recording_id for each in got.run.recordings]

    def copied(self, source: Path | str, target: str) -> str:
        """Runs `aws s3 cp` as somebody who drops videos; either end may be a key."""
        keys = self.s3.keys
        credentials = {
            "AWS_ACCESS_KEY_ID": keys["S3_DROP_ACCESS_KEY"],
            "AWS_SECRET_ACCESS_KEY": keys["S3_DROP_SECRET_KEY"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        command = [executable("aws"), "--endpoint-url", self.s3.endpoint_url, "s3", "cp"]
        ended = subprocess.run(
            [*command, "--no-progress", source, target],
            env={**os.environ, **credentials},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def drop(self, source: Path, voice: str) -> None:
        """Drops a file for a voice with `aws s3 cp`."""
        self.copied(source, f"s3://{BUCKET}/inbox/{voice}/{source.name}")


@contextmanager
def s3_house(folder: Path) -> Iterator[S3House]:
    """Runs NATS, the S3 server and every service for as long as the block."""
    data, watched = DataFolder(folder / "home"), folder / "watched"
    data.create()
    watched.mkdir()
    nats, s3 = NatsServer(folder / "nats"), DeployedS3(folder / "s3")
    with ExitStack() as stack:
        stack.callback(nats.stop)
        stack.callback(s3.kill)
        s3.start()
        started = s3.first_start()
        assert started.returncode == 0, started.stderr
        ports = tuple(ServicePorts(service, free_port(), free_port()) for service in ALL)
        for each in ports:
            settings = service_environment(
                environment(data.root, **HASTE),
                host="127.0.0.1",
                ports=ports,
                service=each.service,
                data_folder=data,
                nats_url=nats.url,
                watched_folder=watched,
            )
            log = stack.enter_context((data.logs / f"{each.service.name}.log").open("ab"))
            process = subprocess.Popen(
                [sys.executable, "-m", each.service.module],
                env=settings | s3.environment(s3_user_of(each.service.name)),
                stdout=log,
                stderr=log,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            wait_until_ready(process, partial(accepts, each.port))
        address = next(f"127.0.0.1:{each.port}" for each in ports if each.service == PIPELINE)
        yield S3House(s3, watched, address, data.logs)
