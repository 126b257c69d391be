"""Takes runs out of the state, so that nobody ever sees half of one."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import TypeAdapter

from services.chassis.errors import ConflictError
from services.chassis.key_value import KeyValue
from services.pipeline.expiry import KeptRun, has_expired
from services.pipeline.run_keys import (
    ACTIVE_KEYS,
    LEAVING_KEYS,
    REQUEST_KEYS,
    RUN_KEYS,
    recording_key,
    run_key,
)
from services.pipeline.run_model import Run

__all__ = ["RunRemoval"]

RUN = TypeAdapter(Run)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""What is asked for up to here is all there is."""


class RunRemoval:
    """Removes runs from a bucket; several processes may, and each may die at any point.

    A mark says which run leaves, at which revision. Then its head goes, with which it is gone for
    everybody, then its recordings, then the mark. `finish` carries out what the marks say.
    """

    def __init__(self, bucket: KeyValue) -> None:
        """Removes from `bucket`."""
        self._bucket = bucket

    async def runs_untouched(self, before: datetime) -> AsyncIterator[KeptRun]:
        """Yields the runs that have not changed since `before`, the oldest news first."""
        async for entry in self._bucket.untouched(RUN_KEYS, before):
            yield KeptRun(RUN.validate_json(entry.value), entry.revision)

    async def remove(self, kept: KeptRun) -> bool:
        """Removes an ended run; False when it has changed, or somebody else is about it."""
        run_id = kept.run.run_id
        try:
            await self._bucket.create(LEAVING_KEYS + run_id, b"%d" % kept.revision)
        except ConflictError:
            return False
        return await self._carry_out(run_id, kept.revision)

    async def finish(self) -> list[str]:
        """Carries out the removals that a crash left undone; returns the runs they removed."""
        removed = []
        async for mark in self._bucket.untouched(LEAVING_KEYS, END_OF_TIME):
            run_id = mark.key.removeprefix(LEAVING_KEYS)
            if await self._carry_out(run_id, int(mark.value)):
                removed.append(run_id)
        return removed

    async def forget_requests(self, before: datetime) -> None:
        """Forgets who asked for runs that ended before then, or that never came to be.

        It goes before the runs do: who asks again gets a new run, and not the name of a lost one.
        """
        async for entry in self._bucket.untouched(REQUEST_KEYS, before):
            head = await self._bucket.get(run_key(entry.value.decode()))
            if head is None or has_expired(RUN.validate_json(head.value), before):
                await self._delete(entry.key, entry.revision)

    async def clear_unborn(self, before: datetime) -> None:
        """Removes what is left of runs that were about to be created before then."""
        async for entry in self._bucket.untouched(ACTIVE_KEYS, before):
            run_id = entry.key.removeprefix(ACTIVE_KEYS)
            if await self._bucket.get(run_key(run_id)) is None:
                await self._clear(run_id)

    async def _carry_out(self, run_id: str, revision: int) -> bool:
        """Returns whether it was this call that removed the run."""
        removed = await self._delete(run_key(run_id), revision)
        if removed or await self._bucket.get(run_key(run_id)) is None:
            await self._clear(run_id)
        await self._bucket.delete(LEAVING_KEYS + run_id)
        return removed

    async def _clear(self, run_id: str) -> None:
        """Removes what belongs to a run without a head, one key at a time: others want to write."""
        async for recording in self._bucket.untouched(recording_key(run_id, ""), END_OF_TIME):
            await self._bucket.delete(recording.key)
        await self._bucket.delete(ACTIVE_KEYS + run_id)

    async def _delete(self, key: str, revision: int) -> bool:
        with suppress(ConflictError):
            await self._bucket.delete(key, revision)
            return True
        return False
