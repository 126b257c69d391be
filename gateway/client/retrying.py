"""Waits out a service that is being restarted."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import grpc

from services.chassis.channel import error_of
from services.chassis.errors import ServiceError

T = TypeVar("T")


@dataclass(slots=True)
class Patience:
    """How long to wait for a service that does not answer, and how often to ask."""

    give_up_seconds: float = 60.0
    """Without any sign of life for this long, the last error is raised."""
    first_pause_seconds: float = 0.1
    longest_pause_seconds: float = 2.0
    _pause_seconds: float = field(default=0.0, init=False)
    _silent_since: float | None = field(default=None, init=False)

    def renew(self) -> None:
        """Notes a sign of life."""
        self._silent_since = None
        self._pause_seconds = 0.0

    async def pause(self, error: ServiceError) -> None:
        """Waits before the next try, or raises `error` when trying again is of no use."""
        now = time.monotonic()
        self._silent_since = self._silent_since if self._silent_since is not None else now
        if not error.retryable or now - self._silent_since > self.give_up_seconds:
            raise error
        grown = max(self.first_pause_seconds, 2 * self._pause_seconds)
        self._pause_seconds = min(self.longest_pause_seconds, grown)
        await asyncio.sleep(max(self._pause_seconds, error.retry_after_seconds or 0.0))


@contextmanager
def translated() -> Iterator[None]:
    """Turns what gRPC raises into our own errors, with the server's message and reason."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise error_of(error) from error


async def patiently(
    call: Callable[[], Awaitable[T]], patience: Callable[[], Patience] = Patience
) -> T:
    """Makes a call that may be repeated until it is answered.

    Raises:
        ServiceError: what the service answered, or that it did not for too long.
    """
    waiting = patience()
    while True:
        try:
            with translated():
                return await call()
        except ServiceError as error:
            await waiting.pause(error)


async def streamed_patiently(
    call: Callable[[], AsyncIterable[T]], patience: Callable[[], Patience] = Patience
) -> AsyncIterator[T]:
    """Yields what a repeatable stream sends; after a break it starts over from its beginning.

    Raises:
        ServiceError: what the service answered, or that it did not for too long.
    """
    waiting = patience()
    while True:
        try:
            with translated():
                async for message in call():
                    waiting.renew()
                    yield message
                return
        except ServiceError as error:
            await waiting.pause(error)
