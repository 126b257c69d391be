"""Waiting for a service, but not for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.errors import UnavailableError


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Ends what the block waits for after so many seconds. Raises UnavailableError then."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        message = f"No answer came in {seconds:g} s: try again in a minute."
        raise UnavailableError(message, reason="NO_ANSWER") from error
