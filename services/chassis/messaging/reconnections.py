"""Telling those who hold state on the server that the server may have lost it."""

import asyncio


class Reconnections:
    """Wakes everybody who waits each time that the connection is back."""

    def __init__(self) -> None:
        """Nothing was lost so far."""
        self._next = asyncio.Event()

    def announce(self) -> None:
        """Wakes those who wait now."""
        passed, self._next = self._next, asyncio.Event()
        passed.set()

    async def wait(self) -> None:
        """Returns after the next reconnection."""
        await self._next.wait()
