"""A long use case as a streaming RPC: progress on the way, the result at the end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from services.chassis.work import Progress

PERIOD_SECONDS = 0.25

R = TypeVar("R")
T = TypeVar("T")


async def progress_stream(
    work: Callable[[Progress], Awaitable[T]],
    *,
    as_progress: Callable[[float], R],
    as_result: Callable[[T], R],
) -> AsyncGenerator[R, None]:
    """Yields how far `work` has come, at most four times a second, then what came of it.

    Closing the stream cancels `work` and waits for its end.
    """
    reached = told = 0.0

    def note(fraction: float) -> None:
        nonlocal reached
        reached = fraction

    working = asyncio.ensure_future(work(note))
    try:
        while not (await asyncio.wait({working}, timeout=PERIOD_SECONDS))[0]:
            if reached > told:
                told = reached
                yield as_progress(told)
        yield as_result(working.result())
    finally:
        working.cancel()
        await asyncio.wait({working})
