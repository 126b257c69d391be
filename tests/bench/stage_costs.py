"""`make bench-stages`: what an hour of video costs, stage by stage, on the real services.

Runs recorded speech through NATS, S3 and one worker of each kind, twice: short recordings and long
ones. The difference tells what a second of audio costs, the rest what a recording costs however
short it is. CPU seconds count, not the clock: other processes slow a run down, not its cost.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gateway.client.client import Client
from services.chassis.settings import ServiceSettings
from services.chassis.storage.stores import open_store
from tests.bench.lessons import record_lessons
from tests.bench.measured_stack import MeasuredStack, measured_stack
from tests.bench.readings import Reading, difference, peak_memory_bytes, read, stream_bytes
from tests.bench.stored_bytes import stored_bytes
from tests.servers import S3_ACCESS_KEY, S3_SECRET_KEY
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

WARM_UP_SECONDS = 15
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    counters: Reading
    stored: dict[str, int]
    audio_seconds: float
    wall_seconds: float


async def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stage_costs", description=__doc__)
    parser.add_argument("--model", default="tiny.en", help="the Whisper model")
    parser.add_argument("--count", type=int, default=3, help="recordings of each length")
    parser.add_argument("--short", type=float, default=40, help="seconds of the short ones")
    parser.add_argument("--long", type=float, default=240, help="seconds of the long ones")
    parser.add_argument("--idle", type=float, default=20, help="seconds to watch an idle stack")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, measured_stack(Path(folder)) as stack:
        await measure(stack, Path(folder, "videos"), options)


async def measure(stack: MeasuredStack, videos: Path, options: argparse.Namespace) -> None:
    """Runs a warm-up, which loads the models, then the two runs that count."""
    bench = Bench(stack, options.model)
    await bench.run(record_lessons(videos, count=1, seconds=WARM_UP_SECONDS, seed=0))
    idle = await bench.idle(options.idle)
    short_videos = record_lessons(videos, count=options.count, seconds=options.short, seed=1)
    short = await bench.run(short_videos)
    long_videos = record_lessons(videos, count=options.count, seconds=options.long, seed=2)
    long = await bench.run(long_videos)

    console = Console(width=110)
    cores = os.cpu_count()
    console.print(
        f"model {options.model}, {options.count} x {short.audio_seconds / options.count:.0f} s and "
        f"{options.count} x {long.audio_seconds / options.count:.0f} s, {cores} cores; "
        f"runs of {short.wall_seconds:.0f} s and {long.wall_seconds:.0f} s"
    )
    console.print(counted(idle, short, long, options.count))
    console.print(stored(short, long, options.count))
    console.print(at_rest(stack, idle))


class Bench:
    """Runs recordings through a stack and says what that took."""

    def __init__(self, stack: MeasuredStack, model: str) -> None:
        """Runs nothing yet."""
        self._stack = stack
        self._model = model
        self._recording_ids: list[str] = []
        settings = ServiceSettings(
            store_url=stack.store_url, s3_access_key=S3_ACCESS_KEY, s3_secret_key=S3_SECRET_KEY
        )
        self._store = open_store(settings)

    async def run(self, videos: list[Path]) -> Cost:
        """Imports the videos, makes one dataset of them, and returns what it cost."""
        stored_before = await stored_bytes(self._store, self._recording_ids)
        before, started = read(self._stack), time.monotonic()
        async with Client(self._stack.addresses) as client:
            sources = []
            for video in videos:
                recording = await client.media.import_recording(video, lambda _: None)
                self._recording_ids.append(recording.recording_id)
                sources.append(pb.RunSource(recording_id=recording.recording_id))
            options = pb.RunOptions(model=self._model)
            request = pb.StartRunRequest(voice="bench", sources=sources, options=options)
            run = await client.pipeline.start(request)
            async for _ in client.pipeline.watch(run.run_id):
                pass
            run = await client.pipeline.get(run.run_id)
            if run.state != pb.STATE_SUCCEEDED:
                raise SystemExit(f"The run failed: {run.error.message}")
            media = [await client.media.probe(each.recording_id) for each in sources]
        wall_seconds = time.monotonic() - started
        counters = difference(read(self._stack), before)
        stored_after = await stored_bytes(self._store, self._recording_ids)
        return Cost(
            counters,
            {name: size - stored_before.get(name, 0) for name, size in stored_after.items()},
            sum(each.duration_seconds for each in media),
            wall_seconds,
        )

    async def idle(self, seconds: float) -> Reading:
        """Returns by how much the counters of a stack that does nothing go up in a second."""
        before, started = read(self._stack), time.monotonic()
        await asyncio.sleep(seconds)
        watched_seconds = time.monotonic() - started
        risen = difference(read(self._stack), before)
        return {name: value / watched_seconds for name, value in risen.items()}


def counted(idle: Reading, short: Cost, long: Cost, count: int) -> Table:
    """Shows what counters say: by recording, by hour of audio, and at rest."""
    table = Table(title="Counters", title_justify="left")
    for heading in ("counter", "per recording", "per hour of audio", "at rest, per second"):
        table.add_column(heading, justify="left" if heading == "counter" else "right")
    for name in sorted(long.counters):
        rest = idle.get(name, 0.0)
        values = [cost.counters.get(name, 0) - rest * cost.wall_seconds for cost in (short, long)]
        each, hourly = fitted(values, short, long, count)
        if any(abs(value) > 0 for value in values):
            table.add_row(name, f"{each:,.2f}", f"{hourly:,.1f}", f"{rest:,.4f}")
    return table


def stored(short: Cost, long: Cost, count: int) -> Table:
    """Shows what stays in the store."""
    table = Table(title="Stored bytes", title_justify="left")
    for heading in ("made by", "per recording", "per hour of audio"):
        table.add_column(heading, justify="left" if heading == "made by" else "right")
    for name in long.stored:
        values = [float(cost.stored.get(name, 0)) for cost in (short, long)]
        table.add_row(name, *(f"{value:,.0f}" for value in fitted(values, short, long, count)))
    return table


def at_rest(stack: MeasuredStack, idle: Reading) -> Table:
    """Shows the memory that each process needed at most, and what it burns while idle."""
    table = Table(title="Processes and streams", title_justify="left")
    for heading in ("name", "peak MiB", "idle CPU, cores", "held bytes"):
        table.add_column(heading, justify="left" if heading == "name" else "right")
    for name, process_id in stack.process_ids.items():
        memory = f"{peak_memory_bytes(process_id) / 2**20:,.0f}"
        table.add_row(name, memory, f"{idle[f'cpu_seconds {name}']:.4f}", "")
    for name, size in _sorted(stream_bytes(stack)):
        table.add_row(name, "", "", f"{size:,}")
    return table


def fitted(values: list[float], short: Cost, long: Cost, count: int) -> tuple[float, float]:
    """Returns the cost of a recording of no length, and of an hour: a line through two points."""
    slope = (values[1] - values[0]) / (long.audio_seconds - short.audio_seconds)
    return (values[0] - slope * short.audio_seconds) / count, slope * HOUR


def _sorted(table: dict[str, int]) -> Iterator[tuple[str, int]]:
    yield from sorted(table.items())


if __name__ == "__main__":
    asyncio.run(main())
