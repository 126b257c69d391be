"""One step in the works: started, watched, stopped."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from services.chassis.queue_worker.settling import HandedBackError, StepTimeoutError

STOP_GRACE_SECONDS = 5.0

T = TypeVar("T")


class RunningStep:
    """Runs a use case so that it can be stopped for a reason, and in time."""

    def __init__(self, run_id: str, *, stop_grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """Belongs to the run `run_id`, which may be empty.

        `stop_grace_seconds` is how long stopped work may clean up before it is left behind.
        """
        self.run_id = run_id
        self._stop_grace_seconds = stop_grace_seconds
        self._stopped: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def stop(self, reason: Exception) -> None:
        """Makes `result_of` cancel the work and raise `reason`; the first reason counts."""
        if not self._stopped.done():
            self._stopped.set_result(reason)

    async def result_of(self, work: Awaitable[T], timeout_seconds: float) -> T:
        """Returns what `work` returns, or raises what it raises.

        Raises StepTimeoutError after the timeout and the reason when stopped; in both cases the
        work is cancelled and given a few seconds to clean up, whether it obeys or not.
        """
        task = asyncio.ensure_future(work)
        task.add_done_callback(_forget_error)
        ends: set[asyncio.Future[Any]] = {task, self._stopped}
        try:
            done, _ = await asyncio.wait(
                ends, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if task not in done:
                reason = self._stopped.result() if self._stopped.done() else StepTimeoutError()
                task.cancel()
                await asyncio.wait({task}, timeout=self._stop_grace_seconds)
                raise reason
        finally:
            task.cancel()
        if task.cancelled():
            # By somebody inside the use case: nothing was wrong with the step.
            raise HandedBackError
        return task.result()


def _forget_error(task: asyncio.Future[T]) -> None:
    """Marks the error of abandoned work as seen; asyncio would report it as never retrieved."""
    if not task.cancelled():
        task.exception()
