"""The service in a process of its own, to be measured from outside."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from services.chassis.channel import open_channel
from tests.eventually import eventually
from tests.servers import free_port
from ttstrainer.inference.v1 import engine_service_pb2 as pb
from ttstrainer.inference.v1.engine_service_pb2_grpc import EngineServiceStub
from ttstrainer.inference.v1.inference_service_pb2_grpc import InferenceServiceStub


@dataclass(frozen=True, slots=True)
class Served:
    """A service that answers."""

    speech: InferenceServiceStub
    process_id: int
    """0 where it is not ours."""


@asynccontextmanager
async def served(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Served]:
    """Starts the service on the store in `folder`, and ends it."""
    port = free_port()
    with _started(folder, settings, port) as process_id:
        async with reached(f"127.0.0.1:{port}") as speech:
            yield Served(speech, process_id)


@asynccontextmanager
async def reached(address: str) -> AsyncIterator[InferenceServiceStub]:
    """Waits for a service to answer."""
    async with open_channel(address, reads_in_pace=True) as channel:
        await eventually(lambda: _answers(channel), within_seconds=60)
        yield InferenceServiceStub(channel)


async def _answers(channel: grpc.aio.Channel) -> bool:
    try:
        await EngineServiceStub(channel).ListModels(pb.ListModelsRequest())
    except grpc.aio.AioRpcError:
        return False
    return True


@contextmanager
def _started(folder: Path, settings: Mapping[str, str], port: int) -> Iterator[int]:
    environment = os.environ | {
        "TTSTRAINER_STORE_URL": f"file://{folder / 'store'}",
        "TTSTRAINER_INFERENCE_PORT": str(port),
        "TTSTRAINER_INFERENCE_METRICS_PORT": "0",
        "TTSTRAINER_LOG_LEVEL": "error",
        "TTSTRAINER_INFERENCE_DEVICE": "cpu",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        **{f"TTSTRAINER_INFERENCE_{name}": value for name, value in settings.items()},
    }
    with subprocess.Popen([sys.executable, "-m", "services.inference"], env=environment) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
