"""A worker in a process of its own, for tests that kill it: `lone_worker.py URL METHOD`.

Prints a line when it has started a step, which then never ends.
"""

import asyncio
import sys

from services.chassis.queue_worker.working import working
from services.chassis.work import Progress
from tests.jetstream_links import IMPATIENT, linked
from tests.probing import STEP_EVENTS, Probing


async def tell_and_hang(recording_id: str, progress: Progress) -> None:
    sys.stdout.write(f"started {recording_id}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(nats_url: str, method: str) -> None:
    probing = Probing(tell_and_hang, method=method)
    async with (
        linked(nats_url) as link,
        working(link, [probing.handler], STEP_EVENTS, IMPATIENT),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
