"""Lets old runs leave the state; what they made stays in the store."""

import asyncio
from datetime import datetime, timedelta

import structlog

from services.chassis.errors import ServiceError
from services.pipeline.conductor import Clock
from services.pipeline.expiry import Expiry
from services.pipeline.metrics import RUNS_REMOVED
from services.pipeline.run_model import Run
from services.pipeline.run_removal import RunRemoval

__all__ = ["EVERY_SECONDS", "Retention"]

EVERY_SECONDS = 3600.0
PAGE_COUNT = 100
PAUSE_SECONDS = 1.0
"""After each page of runs, so that a great many that are due at once leave room for others."""

log = structlog.get_logger()


class Retention:
    """Removes the runs that ended long ago, each voice's last successful one excepted.

    A round reads the runs that are old, the oldest first, and no others.
    """

    def __init__(
        self,
        removal: RunRemoval,
        kept_for: timedelta,
        clock: Clock,
        *,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        """Keeps runs for that long after they ended."""
        self._removal = removal
        self._kept_for = kept_for
        self._clock = clock
        self._pause_seconds = pause_seconds

    async def run(self, every_seconds: float = EVERY_SECONDS) -> None:
        """Looks at once and then regularly, until cancelled."""
        while True:
            try:
                await self.look()
            except ServiceError as error:
                log.warning("retention.failed", reason=error.reason)
            except Exception:
                log.exception("retention.failed", reason="INTERNAL")
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Removes what is due."""
        cutoff = self._clock() - self._kept_for
        for run_id in await self._removal.finish():
            RUNS_REMOVED.inc()
            log.info("run.removed", run_id=run_id)
        await self._removal.forget_requests(cutoff)
        await self._removal.clear_unborn(cutoff)
        await self._remove_old(cutoff)

    async def _remove_old(self, cutoff: datetime) -> None:
        expiry, count = Expiry(cutoff), 0
        async for kept in self._removal.runs_untouched(cutoff):
            leaving = expiry.look(kept)
            if leaving is None:
                continue
            if await self._removal.remove(leaving):
                _tell(leaving.run)
            count += 1
            if count % PAGE_COUNT == 0:
                await asyncio.sleep(self._pause_seconds)


def _tell(run: Run) -> None:
    RUNS_REMOVED.inc()
    log.info(
        "run.removed",
        run_id=run.run_id,
        voice=run.voice,
        state=str(run.state),
        recording_count=len(run.recording_ids),
        end_time=run.end_time.isoformat() if run.end_time else "",
    )
