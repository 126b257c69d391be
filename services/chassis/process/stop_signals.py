"""SIGTERM and SIGINT: the first one drains the service, another one ends it at once."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

ECHO_SECONDS = 0.25
"""A signal that follows another within this time is the same wish: the kernel tells of a parent's
death once for each of its threads."""


class StopSignals:
    """Turns signals into `stopping`, or into the cancellation of the task that listens."""

    def __init__(self) -> None:
        """Starts with no signal heard and nothing to drain."""
        self.stopping = asyncio.Event()
        self.has_work_to_drain = False
        """Set once the service serves; before that the first signal ends it at once."""
        self._heard_at = -ECHO_SECONDS

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears signals inside the block, on behalf of the task that enters it."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self._hear, task)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _hear(self, task: asyncio.Task[object] | None) -> None:
        now = asyncio.get_running_loop().time()
        is_echo, self._heard_at = now - self._heard_at < ECHO_SECONDS, now
        if is_echo:
            return
        is_first = not self.stopping.is_set()
        self.stopping.set()
        if task and not (is_first and self.has_work_to_drain):
            task.cancel()
