"""Something that goes on for as long as a block does: a heartbeat, a progress report."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def running_beside(loop: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Runs `loop` beside the block and cancels it after; its errors concern nobody."""
    task = asyncio.create_task(loop)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
