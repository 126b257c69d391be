"""Waiting for what happens in the double: by notice, not by polling."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 20.0


class Bell:
    """Rings whenever something changed; who waits then looks again."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wakes everybody who waits."""
        sleepers, self._sleepers = self._sleepers, set()
        for sleeper in sleepers:
            if not sleeper.done():
                sleeper.set_result(None)

    async def until(
        self,
        condition: Callable[[], T | None],
        what: str,
        *,
        within_seconds: float = PATIENCE_SECONDS,
    ) -> T:
        """Waits until `condition` is true and returns what it returned.

        Raises:
            AssertionError: `what` was still missing after `within_seconds`.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_seconds
        while True:
            if value := condition():
                return value
            sleeper = loop.create_future()
            self._sleepers.add(sleeper)
            try:
                # Not wait_for: before Python 3.12 it may lose a cancellation.
                async with asyncio.timeout_at(deadline):
                    await sleeper
            except TimeoutError:
                message = f"no {what} within {within_seconds} s"
                raise AssertionError(message) from None
            finally:
                self._sleepers.discard(sleeper)
