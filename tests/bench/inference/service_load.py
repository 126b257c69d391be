"""`python -m tests.bench.inference.service_load`: what listeners of the service hear under load.

Starts the service with the voice joe in a process of its own, or takes one that runs (--address,
--voice). Times need a quiet machine; the overhead is counted in CPU seconds and does not.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import grpc
from rich.console import Console
from rich.table import Table

from services.chassis.channel import open_channel
from services.inference.engine_factories import packaged_models
from services.inference.engines.engine import Sampling, Utterance
from services.inference.settings import InferenceSettings
from tests.bench.inference.listeners import Crowd, closed_loop, listen, open_loop
from tests.eventually import eventually
from tests.servers import free_port
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1.engine_service_pb2_grpc import EngineServiceStub
from ttstrainer.inference.v1.inference_service_pb2_grpc import InferenceServiceStub

TEXTS = (
    "Good evening, and welcome to the evening stream.",
    "Could you please tell me where the nearest train station is?",
    "We had bread, butter, cheese and a little honey for breakfast this morning.",
)
ROUNDS = 5


async def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="")
    parser.add_argument("--voice", default="joe")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--listeners", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--per-second", type=float, nargs="+", default=[0.5, 1.0, 2.0])
    asked = parser.parse_args()
    table = Table(title="Seconds, p50 / p95 / p99", title_justify="left")
    for column in (
        "load", "streams", "refused", "first audio", "real-time factor", "gap", "interrupted",
        "audio s per s",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    console = Console(width=140)
    options = pb.SpeechOptions(voice_id=asked.voice, seed=1)
    async with _service(asked.address) as (stub, pid):
        await listen(stub, TEXTS[0], options)
        if pid:
            console.print(await _overhead(stub, options, pid))
        for count in asked.listeners:
            crowd = await closed_loop(stub, TEXTS, options, count=count, seconds=asked.seconds)
            table.add_row(f"{count} at once", *_cells(crowd))
        for rate in asked.per_second:
            crowd = await open_loop(stub, TEXTS, options, per_second=rate, seconds=asked.seconds)
            table.add_row(f"{rate:g} a second", *_cells(crowd))
    console.print(table)


async def _overhead(stub: InferenceServiceStub, options: pb.SpeechOptions, pid: int) -> str:
    """Compares the CPU of the service's process with that of the engine called directly."""
    (joe,) = packaged_models(_settings())
    engine = await asyncio.to_thread(joe.load)

    async def direct() -> None:
        for text in TEXTS:
            utterance = Utterance(text, "en", sampling=Sampling(seed=1))
            async with aclosing(engine.open(utterance)) as stream:
                async for _ in stream:
                    pass

    await direct()
    directly = served = 0.0
    for _ in range(ROUNDS):  # in turn, so that what else runs weighs on both
        before = time.process_time()
        await direct()
        directly += time.process_time() - before
        before = _cpu_seconds(pid)
        for text in TEXTS:
            await listen(stub, text, options)
        served += _cpu_seconds(pid) - before
    await engine.aclose()
    return (
        f"CPU seconds for {ROUNDS * len(TEXTS)} sentences: engine {directly:.2f}, service "
        f"{served:.2f}, overhead {100 * (served / directly - 1):.1f} %"
    )


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _cells(crowd: Crowd) -> tuple[str, ...]:
    heard = crowd.heard
    audio_seconds = sum(each.audio_seconds for each in heard)
    interrupted = sum(each.was_interrupted for each in heard) / max(1, len(heard))
    return (
        str(len(heard)),
        str(crowd.refused_count),
        crowd.percentiles(lambda each: each.first_seconds),
        crowd.percentiles(lambda each: each.all_seconds / max(each.audio_seconds, 1e-9)),
        crowd.gaps,
        f"{100 * interrupted:.0f} %",
        f"{audio_seconds / crowd.wall_seconds:.1f}",
    )


@asynccontextmanager
async def _service(address: str) -> AsyncIterator[tuple[InferenceServiceStub, int]]:
    with _started(address) as (found, pid):
        async with open_channel(found, reads_in_pace=True) as channel:
            await eventually(lambda: _answers(channel), within_seconds=60)
            yield InferenceServiceStub(channel), pid


async def _answers(channel: grpc.aio.Channel) -> bool:
    try:
        await EngineServiceStub(channel).ListModels(engine_pb.ListModelsRequest())
    except grpc.aio.AioRpcError:
        return False
    return True


@contextmanager
def _started(address: str) -> Iterator[tuple[str, int]]:
    if address:
        yield address, 0
        return
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "TTSTRAINER_STORE_URL": f"file://{folder}",
            "TTSTRAINER_INFERENCE_PORT": str(port),
            "TTSTRAINER_INFERENCE_METRICS_PORT": "0",
            "TTSTRAINER_LOG_LEVEL": "warning",
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
        }
        command = [sys.executable, "-m", "services.inference"]
        with subprocess.Popen(command, env=environment) as service:
            try:
                yield f"127.0.0.1:{port}", service.pid
            finally:
                service.terminate()


def _settings() -> InferenceSettings:
    return InferenceSettings(store_url="file:///nowhere", device="cpu")


if __name__ == "__main__":
    asyncio.run(main())
