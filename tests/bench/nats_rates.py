"""`python -m tests.bench.nats_rates`: how fast NATS takes what must not be lost, alone and as 3.

All servers run on this machine, so three of them share its cores and its disk.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import nats
from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from tests.eventually import eventually
from tests.nats_cluster import NatsCluster
from tests.nats_users import password_of

MESSAGE = b"x" * 600
"""About what a request or an event of ours has."""
PUBLISHER_COUNTS = (1, 16, 64)
MESSAGES = 4800
UPDATES = 500


async def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = NatsCluster(Path(folder))
        try:
            await eventually(cluster.is_whole, within_seconds=30)
            servers = cluster.url.split(",")
            client = await nats.connect(servers, user="admin", password=password_of("admin"))
            for replica_count in (1, 3):
                await measure(client.jetstream(), replica_count)
            await client.close()
        finally:
            cluster.stop()


async def measure(jetstream: JetStreamContext, replica_count: int) -> None:
    """Prints the rates of a stream and of a key with that many replicas."""
    name = f"R{replica_count}"
    config = StreamConfig(name=name, subjects=[f"{name}.>"], num_replicas=replica_count)
    await jetstream.add_stream(config)
    for count in PUBLISHER_COUNTS:

        async def publish(publisher: int, count: int = count) -> None:
            for _ in range(MESSAGES // count):
                await jetstream.publish(f"{name}.{publisher}", MESSAGE)

        seconds = await timed(lambda: asyncio.gather(*map(publish, range(count))))  # noqa: B023
        say(f"{name}, {count} publishers: {MESSAGES / seconds:,.0f} messages/s")
    await jetstream.delete_stream(name)

    bucket = await jetstream.create_key_value(bucket=name, replicas=replica_count)
    revision = await bucket.create("key", MESSAGE)

    async def update() -> None:
        nonlocal revision
        for _ in range(UPDATES):
            revision = await bucket.update("key", MESSAGE, last=revision)

    say(f"{name}, compare-and-set of one key: {UPDATES / await timed(update):,.0f}/s")


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Returns how many seconds it took."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def say(line: str) -> None:
    """Prints a figure."""
    print(line)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    asyncio.run(main())
