"""What runs beside the server for as long as the service lives."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

from services.chassis.beside import end


class SideTasks:
    """Tasks that may return, must not raise, and are cancelled at the end of the block."""

    def __init__(self) -> None:
        """Starts with none."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Nothing runs before `start`."""
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Cancels what is running and waits for its end."""
        await self.cancel(*self._tasks)

    def start(self, awaitable: Awaitable[None]) -> asyncio.Task[None]:
        """Runs `awaitable` beside."""
        task = asyncio.ensure_future(awaitable)
        self._tasks.add(task)
        return task

    async def cancel(self, *tasks: asyncio.Task[None]) -> None:
        """Cancels these tasks and waits for their end."""
        await end(*tasks)

    async def watch_until(self, stopping: asyncio.Event) -> None:
        """Returns when `stopping` is set; raises what a task raised before that."""
        stop = asyncio.create_task(stopping.wait())
        try:
            waiting: set[asyncio.Task[None]] = set(self._tasks)
            while not stop.done():
                done, _ = await asyncio.wait({stop, *waiting}, return_when=asyncio.FIRST_COMPLETED)
                for task in done & waiting:
                    task.result()
                waiting -= done
        finally:
            stop.cancel()
