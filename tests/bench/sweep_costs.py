"""`python -m tests.bench.sweep_costs`: what it costs to look once at a run of many recordings.

The pipeline reads the run under way and each of its recordings at every sweep, so this bounds how
many recordings can be under way at once.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from services.pipeline.run_model import Options, Recording, Run, Snapshot
from services.pipeline.run_store import RunStore
from tests.jetstream_links import linked
from tests.servers import NatsServer

RECORDING_COUNTS = (10, 100, 500)
LOOKS = 10


async def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        server = NatsServer(Path(folder))
        try:
            async with linked(server.url) as link:
                store = RunStore(await link.key_value("runs"))
                for count in RECORDING_COUNTS:
                    await look_at(store, count)
        finally:
            server.stop()


async def look_at(store: RunStore, count: int) -> None:
    """Prints the cost of one look at a run of `count` recordings."""
    ids = tuple(f"{number:064x}" for number in range(count))
    run = Run(f"run-{count}", "ada", Options(), datetime.now(UTC), ids)
    await store.create(Snapshot(run, tuple(Recording(each, "talk.mp4") for each in ids)))
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(LOOKS):
        await store.snapshot(run.run_id)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(  # noqa: T201 - this is what it is for
        f"{count:>4} recordings: {1000 * cpu / LOOKS:6.1f} ms of CPU, {1000 * wall / LOOKS:6.1f} "
        f"ms by the clock, {1e6 * cpu / LOOKS / count:6.0f} us of CPU a recording"
    )


if __name__ == "__main__":
    asyncio.run(main())
