"""The guard that gives every call an end, and how much time the present one has left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.chassis.errors import DeadlineExceededError
from services.chassis.rpc.guards import Call

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


def remaining_seconds() -> float | None:
    """Returns how long the RPC that is being served may go on; None outside an RPC."""
    end = _ends_at.get()
    return None if end is None else max(0.0, end - asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a call may take when its client does not say so."""

    unary_seconds: float
    stream_seconds: float

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        """Cancels the servicer's method when the time is over.

        A deadline of the client's is kept by gRPC itself, which cancels the call.
        """
        asked: float | None = call.context.time_remaining()
        own = self.stream_seconds if call.streams_responses else self.unary_seconds
        seconds = own if asked is None else asked
        token = _ends_at.set(asyncio.get_running_loop().time() + seconds)
        scope = asyncio.timeout(own if asked is None else None)
        try:
            async with scope:
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            message = (
                f"The call took longer than {own:g} s: set a longer deadline, or ask for less."
            )
            raise DeadlineExceededError(message) from None
        finally:
            _ends_at.reset(token)
