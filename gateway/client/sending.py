"""Streams of requests, whose own failures come to light."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def sending(messages: AsyncGenerator[T, None]) -> Iterator[AsyncIterator[T]]:
    """Gives `messages` for a call, and raises in the block what goes wrong in making them.

    gRPC itself cancels the call and says nothing, which looks as if somebody had interrupted it.
    """
    failures: list[Exception] = []

    async def watched() -> AsyncIterator[T]:
        try:
            async with aclosing(messages):
                async for message in messages:
                    yield message
        except Exception as error:
            failures.append(error)
            raise

    try:
        yield watched()
    except asyncio.CancelledError:
        if failures:
            raise failures[0] from None
        raise
