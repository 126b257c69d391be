"""How far a step has come: noted from any thread at any rate, shown a few times a second."""

import asyncio
from collections.abc import Awaitable, Callable

SECONDS_BETWEEN = 0.25


class StepProgress:
    """What a use case gets as its `Progress`."""

    def __init__(self) -> None:
        """Nothing is done yet."""
        self._fraction = 0.0

    def __call__(self, fraction: float) -> None:
        """Notes the fraction done. One assignment, hence cheap and safe in every thread."""
        self._fraction = min(max(float(fraction), 0.0), 1.0)

    async def shown(self, show: Callable[[float], Awaitable[None]]) -> None:
        """Calls `show` with the latest fraction when it changed, until cancelled."""
        shown = 0.0
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            latest = self._fraction
            if latest != shown:
                await show(latest)
                shown = latest
