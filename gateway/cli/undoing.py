"""Something that is made and, where a person interrupts just then, undone."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.chassis.errors import ServiceError

T = TypeVar("T")

ANSWER_SECONDS = 10.0
"""How long an interruption waits to learn what was made."""


async def made(making: Awaitable[T], undo: Callable[[T], Awaitable[None]]) -> T:
    """Returns what comes of `making`; interrupted, it lets that come to its end and undoes it.

    A request that is broken off instead leaves open whether the service has done it.
    """
    task = asyncio.ensure_future(making)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(ServiceError, TimeoutError):
            await undo(await asyncio.wait_for(task, ANSWER_SECONDS))
        raise
