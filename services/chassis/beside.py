"""Something that goes on for as long as a block does: a heartbeat, a progress report."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()

PATIENCE_SECONDS = 2.0
"""How long a task may take to clean up before it is asked again to end."""


@asynccontextmanager
async def running_beside(loop: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Runs `loop` beside the block and cancels it after; an error that ends it early is logged."""
    task = asyncio.create_task(loop)
    task.add_done_callback(_log_error)
    try:
        yield
    finally:
        await end(task)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancels tasks and waits for their end; their errors concern nobody.

    It asks again: `asyncio.wait_for` of Python 3.11, which the NATS client is built on, loses a
    cancellation that comes in the same moment as the result.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=PATIENCE_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


def _log_error(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("side_task.failed", exc_info=error)
