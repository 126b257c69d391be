"""Waiting for what another task or process does, without guessing how long it takes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")


async def eventually(
    condition: Callable[[], T | Awaitable[T]],
    *,
    within_seconds: float = 10,
    every_seconds: float = 0.02,
) -> T:
    """Polls `condition`, plain or async, until it is true, and returns what it returned.

    Raises:
        AssertionError: It was still false after `within_seconds`.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        outcome = condition()
        value = cast("T", await outcome if inspect.isawaitable(outcome) else outcome)
        if value:
            return value
        if time.monotonic() > deadline:
            message = f"still {value!r} after {within_seconds} s"
            raise AssertionError(message)
        await asyncio.sleep(every_seconds)
