"""Long computations in threads: they tell how far they are, and stop soon when asked to."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

Report = Callable[[float], None]

T = TypeVar("T")


class StoppedError(Exception):
    """The computation was asked to stop."""


class Pace:
    """Handed to a computation, which calls it with the fraction done at least once a second."""

    def __init__(
        self,
        report: Report,
        stopped: threading.Event | None = None,
        bounds: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Reports fractions inside `bounds` until `stopped` is set."""
        self._report = report
        self._stopped = stopped or threading.Event()
        self._bounds = bounds

    def __call__(self, fraction: float) -> None:
        """Reports the fraction done, 0 to 1; raises StoppedError when it is time to stop."""
        if self._stopped.is_set():
            raise StoppedError
        start, end = self._bounds
        self._report(start + (end - start) * min(1.0, fraction))

    def part(self, start: float, end: float) -> "Pace":
        """Returns the pace of one part of the work: its 0 to 1 is our `start` to `end`."""
        low, high = self._bounds
        span = high - low
        return Pace(self._report, self._stopped, (low + span * start, low + span * end))


def unreported(_fraction: float) -> None:
    """Takes progress that nobody asked for."""


async def paced(executor: Executor, report: Report, work: Callable[[Pace], T]) -> T:
    """Runs `work` in a thread; when the caller is cancelled, waits until `work` has stopped."""
    stopped = threading.Event()
    future = asyncio.get_running_loop().run_in_executor(executor, work, Pace(report, stopped))
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.wait([future])
        if not future.cancelled():
            future.exception()  # how it stopped concerns nobody, and asyncio need not tell
        raise
