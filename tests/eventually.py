"""Waiting for what another task or process does, without guessing how long it takes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]],
    *,
    within_seconds: float = ...,
    every_seconds: float = ...,
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], *, within_seconds: float = ..., every_seconds: float = ...
) -> T: ...
async def eventually(
    condition: Callable[[], object], *, within_seconds: float = 20, every_seconds: float = 0.02
) -> object:
    """Polls `condition`, plain or async, until it is true, and returns what it returned.

    Raises:
        AssertionError: It was still false after `within_seconds`.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        outcome = condition()
        value = await outcome if inspect.isawaitable(outcome) else outcome
        if value:
            return value
        if time.monotonic() > deadline:
            message = f"still {value!r} after {within_seconds} s"
            raise AssertionError(message)
        await asyncio.sleep(every_seconds)
