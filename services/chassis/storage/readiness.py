"""Whether the artifact store can be used, asked once when a service starts."""

import asyncio
import time

import structlog

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import OverloadedError, UnavailableError

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 1.0
NOWHERE = "checks/start/"
TRANSIENT = {"STORE_UNAVAILABLE", "STORE_BUSY"}

log = structlog.get_logger()


async def until_usable(store: ArtifactStore, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Returns when the store answers.

    Raises UnavailableError or OverloadedError when it does not in time, and at once when waiting
    is in vain: a wrong key, a missing bucket, a clock that is off.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            async for _ in store.list(NOWHERE):
                break
        except (UnavailableError, OverloadedError) as error:
            if error.reason not in TRANSIENT or time.monotonic() > deadline:
                raise
            log.warning("store.waiting", reason=error.reason)
            await asyncio.sleep(POLL_SECONDS)
        else:
            return
