"""The pipeline and media services as processes, from a dropped file to the end of its run."""

import asyncio
import os
import signal
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest

from services.chassis.blobs import sha256_of
from services.chassis.channel import open_channel
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.queue_worker.working import working
from services.chassis.settings import ServiceSettings
from services.chassis.work import StepEvents
from services.pipeline.run_model import Stage
from tests.eventually import eventually
from tests.fakes.stages import Held, Stages
from tests.servers import NatsServer, accepts, executable, free_port, wait_until_ready
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import PipelineServiceStub

MOCKED = (Stage.PREPARE, Stage.TRANSCRIBE, Stage.VERIFY, Stage.BUILD)


class House:
    """Where the services of one test live."""

    def __init__(self, folder: Path, nats_url: str) -> None:
        self.folder = folder
        self.nats_url = nats_url
        self.store = folder / "store"
        self.watched = folder / "watched"
        self.ports = {"media": free_port(), "pipeline": free_port()}

    @contextmanager
    def running(self, service: str) -> Iterator[subprocess.Popen[bytes]]:
        """A service as a process; whatever is left of it at the end is killed."""
        variables = {
            "TTSTRAINER_NATS_URL": self.nats_url,
            "TTSTRAINER_STORE_URL": f"file://{self.store}",
            "TTSTRAINER_SCRATCH_DIR": str(self.folder / "scratch"),
            "TTSTRAINER_METRICS_PORT": "0",
            "TTSTRAINER_ACK_WAIT_SECONDS": "1",
            "TTSTRAINER_DRAIN_SECONDS": "1",
            "TTSTRAINER_PARENT_PID": str(os.getpid()),
            f"TTSTRAINER_{service.upper()}_PORT": str(self.ports[service]),
            "TTSTRAINER_PIPELINE_MEDIA_ADDRESS": f"127.0.0.1:{self.ports['media']}",
            "TTSTRAINER_PIPELINE_REST_SECONDS": "0.2",
            "TTSTRAINER_PIPELINE_QUIET_SECONDS": "0.5",
            "TTSTRAINER_PIPELINE_INBOX_POLL_SECONDS": "0.1",
            "TTSTRAINER_PIPELINE_SWEEP_SECONDS": "0.5",
            "TTSTRAINER_PIPELINE_WATCHED_FOLDER": str(self.watched),
        }
        log = self.folder / f"{service}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                env={**os.environ, **variables},
                stdout=output,
                stderr=output,
            )
        try:
            wait_until_ready(process, lambda: accepts(self.ports[service]))
            yield process
        finally:
            process.kill()
            process.wait()

    @asynccontextmanager
    async def workers(self, stages: Stages) -> AsyncIterator[None]:
        """Plays the services that are no process here."""
        settings = ServiceSettings(
            nats_url=self.nats_url, store_url="file:///unused", ack_wait_seconds=1, drain_seconds=0
        )
        step_events = StepEvents(failed=events.StepFailed, progressed=events.StepProgressed)
        async with (
            JetStreamLink.connect(settings) as link,
            working(link, stages.handlers(*MOCKED), step_events, settings),
        ):
            yield

    async def runs(self) -> list[pb.Run]:
        """Returns the runs that the service knows, the newest first."""
        async with open_channel(f"127.0.0.1:{self.ports['pipeline']}") as channel:
            stub = PipelineServiceStub(channel)
            try:
                listed = await stub.ListRuns(pb.ListRunsRequest(), timeout=10)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                return []  # it is starting
        return list(listed.runs)

    async def ended(self) -> list[pb.Run]:
        """Returns all runs, once there are some and none is under way."""

        async def all_ended() -> list[pb.Run]:
            runs = await self.runs()
            return [] if any(run.state == pb.STATE_RUNNING for run in runs) else runs

        return await eventually(all_ended, within_seconds=60, every_seconds=0.1)

    def dropped(self) -> list[str]:
        """Returns the names of all files in the inbox, in order."""
        return sorted(it.name for it in (self.store / "inbox").rglob("*") if it.is_file())


@pytest.fixture
def house(tmp_path: Path, own_nats_server: NatsServer) -> House:
    executable("nats-server")
    return House(tmp_path, own_nats_server.url)


def recorded(path: Path, *, hertz: float = 220.0) -> str:
    """Writes two seconds of a tone and returns the id of that recording."""
    path.parent.mkdir(parents=True, exist_ok=True)
    phase = 2 * np.pi * hertz * np.arange(2 * 16_000) / 16_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((8000 * np.sin(phase)).astype("<i2").tobytes())
    return sha256_of(path)


async def test_dropped_files_become_runs_that_survive_the_death_of_the_pipeline(
    house: House,
) -> None:
    stages, held = Stages(), Held()
    recorded(house.watched / "ada" / "it's a\nnäme.wav")
    b = recorded(house.store / "inbox" / "bob" / "b.wav", hertz=330)
    (house.store / "inbox" / "bob" / "empty.mp4").write_bytes(b"")
    stages.disturbances[Stage.PREPARE, b] = held

    async with AsyncExitStack() as stack:
        stack.enter_context(house.running("media"))
        await stack.enter_async_context(house.workers(stages))
        with house.running("pipeline") as first:
            await asyncio.wait_for(held.begun.wait(), 60)
            first.send_signal(signal.SIGKILL)
            first.wait()
        held.let_go.set()
        stack.enter_context(house.running("pipeline"))

        async def taken() -> list[pb.Run]:
            # A drop is cleared away after its run began, not before its run ended; and when death
            # came between a copy into the inbox and the mark of it, it is dropped once more.
            runs = await house.ended()
            is_left = house.dropped() != ["empty.mp4", "empty.mp4.refused.txt"]
            return [] if is_left or {run.voice for run in runs} != {"ada", "bob"} else runs

        runs = await eventually(taken, within_seconds=60, every_seconds=0.1)

    assert {run.state for run in runs} == {pb.STATE_SUCCEEDED}
    assert (house.watched / "ada" / "it's a\nnäme.wav").exists()


async def test_the_pipeline_says_what_it_needs_when_there_is_no_nats(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.pipeline",
        env={**os.environ, "TTSTRAINER_STORE_URL": f"file://{tmp_path}", "TTSTRAINER_PORT": "0"},
        stderr=asyncio.subprocess.PIPE,
    )

    _, told = await asyncio.wait_for(process.communicate(), 60)

    assert process.returncode == 1
    assert b"set TTSTRAINER_NATS_URL" in told.splitlines()[-1]
