"""The guard that knows the running calls, so that a stopping service can wait for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from services.chassis.errors import ShutdownError
from services.chassis.rpc.guards import Call

UNAWAITED_SERVICES = ("grpc.health.", "grpc.reflection.")
"""A watcher of the health would hold every shutdown up."""


class RunningCalls:
    """The tasks of the calls that are being served."""

    def __init__(self) -> None:
        """Starts with none."""
        self._awaited: set[asyncio.Task[Any]] = set()
        self._others: set[asyncio.Task[Any]] = set()
        self._ended: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        """Counts the call; if `end` cancelled it, the client is told why."""
        task = asyncio.current_task()
        if task is None:  # gRPC serves each call in a task
            raise RuntimeError("an RPC is served outside a task")
        tasks = self._others if call.method.startswith(UNAWAITED_SERVICES) else self._awaited
        tasks.add(task)
        if tasks is self._awaited:
            self._idle.clear()
        try:
            yield
        except asyncio.CancelledError:
            if task not in self._ended:
                raise
            task.uncancel()
            raise ShutdownError("The service is shutting down: call it again soon.") from None
        finally:
            tasks.discard(task)
            self._ended.discard(task)
            if not self._awaited:
                self._idle.set()

    async def wait_until_idle(self, seconds: float) -> None:
        """Returns when no call is running, or after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    def end(self) -> None:
        """Cancels what is running; the clients get CANCELLED with reason SHUTTING_DOWN."""
        for task in [*self._awaited, *self._others]:
            if task not in self._ended:
                self._ended.add(task)
                task.cancel()
