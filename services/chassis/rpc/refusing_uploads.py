"""A call that is refused while its client still sends is heard out, for a moment.

Otherwise the client's next message meets a closed stream, and gRPC now and then tells it of that
instead of the status (grpc/grpc issue 36066).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import grpc

from services.chassis.rpc.guards import Call, Context

QUIET_SECONDS = 0.25
"""Who sends nothing for so long has paused, and will learn of the refusal before the next."""
LONGEST_SECONDS = 3.0
"""Who goes on for longer is interrupted."""


@asynccontextmanager
async def heard_out(call: Call) -> AsyncIterator[None]:
    """Reads and forgets what the client still sends, when the method or an inner guard raises."""
    try:
        yield
    except Exception:
        if not call.streams_requests:
            raise
        # Whatever goes wrong here, what the method raised is what the client is to be told.
        with suppress(Exception):
            await _hear_out(call.context)
        raise


async def _hear_out(context: Context) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        message = None
        while message is not grpc.aio.EOF:
            async with asyncio.timeout(QUIET_SECONDS):
                message = await context.read()
