"""SIGTERM and SIGINT: the first one drains the service, another one ends it at once."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager


class StopSignals:
    """Turns signals into `stopping`, or into the cancellation of the task that listens."""

    def __init__(self) -> None:
        """Starts with no signal heard and nothing to drain."""
        self.stopping = asyncio.Event()
        self.has_work_to_drain = False
        """Set once the service serves; before that the first signal ends it at once."""

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
        is_first = not self.stopping.is_set()
        self.stopping.set()
        if task and not (is_first and self.has_work_to_drain):
            task.cancel()
