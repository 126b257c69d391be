"""Removes the imports that nobody goes on with, for as long as the service lives."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from services.chassis.errors import ServiceError
from services.media.importing import Imports

EVERY_SECONDS = 3600.0

log = structlog.get_logger()


async def sweep_regularly(
    imports: Imports,
    kept_for: timedelta,
    clock: Callable[[], datetime],
    every_seconds: float = EVERY_SECONDS,
) -> None:
    """Looks at once and then regularly, until cancelled, whatever the store answers."""
    while True:
        try:
            count = await imports.sweep(clock() - kept_for)
        except ServiceError as error:
            log.warning("imports.sweep_failed", reason=error.reason)
        except Exception:
            log.exception("imports.sweep_failed", reason="INTERNAL")
        else:
            log.info("imports.swept", import_count=count)
        await asyncio.sleep(every_seconds)
