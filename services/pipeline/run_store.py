"""Where runs are kept: one key per run and one per recording, changed by compare-and-set."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar, cast

from pydantic import TypeAdapter

from services.chassis.errors import ConflictError, NotFoundError
from services.chassis.key_value import Entry, KeyValue
from services.pipeline.run_keys import (
    ACTIVE_KEYS,
    REQUEST_KEYS,
    RUN_KEYS,
    recording_key,
    run_key,
)
from services.pipeline.run_model import Recording, Run, Snapshot

__all__ = ["RUN_NOT_FOUND", "Changed", "RunStore"]

RUN_ID = re.compile(r"[-_a-zA-Z0-9]+")
RUN_NOT_FOUND = "RUN_NOT_FOUND"
READS_AT_ONCE = 32

T = TypeVar("T")

RUN = TypeAdapter(Run)
RECORDING = TypeAdapter(Recording)


@dataclass(frozen=True, slots=True)
class Changed(Generic[T]):
    """What a change made of a value."""

    before: T
    after: T


class RunStore:
    """Runs in a key-value bucket; several processes may change them at once."""

    def __init__(self, bucket: KeyValue, kept_for: timedelta | None = None) -> None:
        """Keeps runs in `bucket`; they are removed so long after their end, or never when None."""
        self._bucket = bucket
        self._kept_for = kept_for

    async def claim(self, request_key: str, run_id: str) -> str:
        """Returns the run that a request names: `run_id` for the first to ask."""
        key = REQUEST_KEYS + request_key
        try:
            await self._bucket.create(key, run_id.encode())
        except ConflictError:
            claimed = await self._bucket.get(key)
            return claimed.value.decode() if claimed else run_id
        return run_id

    async def create(self, snapshot: Snapshot) -> None:
        """Keeps a new run; what a crashed earlier try has kept already stays.

        The run itself is written last: once it is there, so is everything that belongs to it.
        """
        run = snapshot.run
        await self.mark_active(run.run_id)
        limit = asyncio.Semaphore(READS_AT_ONCE)

        async def keep(recording: Recording) -> None:
            async with limit:
                key = recording_key(run.run_id, recording.recording_id)
                await self._create(key, RECORDING.dump_json(recording))

        await asyncio.gather(*(keep(recording) for recording in snapshot.recordings))
        await self._create(run_key(run.run_id), RUN.dump_json(run))

    async def run(self, run_id: str) -> Run | None:
        """Returns a run, or None when there is none."""
        if not RUN_ID.fullmatch(run_id):
            return None
        entry = await self._bucket.get(run_key(run_id))
        return RUN.validate_json(entry.value) if entry else None

    async def runs(self, run_ids: Sequence[str]) -> AsyncGenerator[Run, None]:
        """Yields the runs of these that there are, in their order, reading some ahead."""
        for start in range(0, len(run_ids), READS_AT_ONCE):
            some = run_ids[start : start + READS_AT_ONCE]
            for run in await asyncio.gather(*map(self.run, some)):
                if run:
                    yield run

    async def recording(self, run_id: str, recording_id: str) -> Recording | None:
        """Returns a recording of a run, or None when there is none."""
        entry = await self._bucket.get(recording_key(run_id, recording_id))
        return RECORDING.validate_json(entry.value) if entry else None

    async def snapshot(self, run_id: str) -> Snapshot:
        """Returns a run with its recordings. Raises NotFoundError."""
        run = await self.run(run_id)
        if run is None:
            raise self._unknown_run(run_id)
        limit = asyncio.Semaphore(READS_AT_ONCE)

        async def read(recording_id: str) -> Recording:
            async with limit:
                recording = await self.recording(run_id, recording_id)
            if recording is None:
                if await self.run(run_id) is None:  # it was removed just now
                    raise self._unknown_run(run_id)
                message = f"The run {run_id} has lost its recording {recording_id}: start it anew."
                raise NotFoundError(message, reason="RECORDING_NOT_FOUND")
            return recording

        recordings = await asyncio.gather(*(read(each) for each in run.recording_ids))
        return Snapshot(run, tuple(recordings))

    async def change_run(self, run_id: str, change: Callable[[Run], Run]) -> Changed[Run]:
        """Applies `change`, again if somebody else was faster. Raises NotFoundError."""
        if not RUN_ID.fullmatch(run_id):
            raise self._unknown_run(run_id)
        return await self._change(run_key(run_id), RUN, change, self._unknown_run(run_id))

    async def change_recording(
        self, run_id: str, recording_id: str, change: Callable[[Recording], Recording]
    ) -> Changed[Recording]:
        """Applies `change`, again if somebody else was faster. Raises NotFoundError."""
        key = recording_key(run_id, recording_id)
        return await self._change(key, RECORDING, change, self._unknown_run(run_id))

    async def run_ids(self) -> list[str]:
        """Returns all runs, the newest first."""
        keys = await self._bucket.keys(RUN_KEYS)
        return sorted((key.split(".")[1] for key in keys), reverse=True)

    async def active_run_ids(self) -> list[str]:
        """Returns the runs that are under way, the oldest first."""
        keys = await self._bucket.keys(ACTIVE_KEYS)
        return sorted(key.removeprefix(ACTIVE_KEYS) for key in keys)

    async def mark_active(self, run_id: str) -> None:
        """Has the run looked after until it is marked as ended."""
        await self._create(ACTIVE_KEYS + run_id, b"")

    async def mark_ended(self, run_id: str) -> None:
        """Lets the run rest."""
        await self._bucket.delete(ACTIVE_KEYS + run_id)

    async def changes_of_run(self, run_id: str) -> AsyncGenerator[Run, None]:
        """Yields the run as it is, then after each change, for ever."""
        async with aclosing(self._values(run_key(run_id))) as values:
            async for value in values:
                yield RUN.validate_json(value)

    async def changes_of_recordings(self, run_id: str) -> AsyncGenerator[Recording, None]:
        """Yields the recordings of a run as they are, then after each change, for ever."""
        async with aclosing(self._values(recording_key(run_id, ""))) as values:
            async for value in values:
                yield RECORDING.validate_json(value)

    async def _values(self, prefix: str) -> AsyncGenerator[bytes, None]:
        entries = cast("AsyncGenerator[Entry, None]", self._bucket.watch(prefix))
        async with aclosing(entries):
            async for entry in entries:
                if not entry.deleted:
                    yield entry.value

    async def _create(self, key: str, value: bytes) -> None:
        try:
            await self._bucket.create(key, value)
        except ConflictError:
            return

    async def _change(
        self, key: str, codec: TypeAdapter[T], change: Callable[[T], T], missing: NotFoundError
    ) -> Changed[T]:
        while True:
            entry = await self._bucket.get(key)
            if entry is None:
                raise missing
            before = codec.validate_json(entry.value)
            after = change(before)
            if after == before:
                return Changed(before, after)
            try:
                await self._bucket.update(key, codec.dump_json(after), entry.revision)
            except ConflictError:
                continue
            return Changed(before, after)

    def _unknown_run(self, run_id: str) -> NotFoundError:
        message = f"There is no run {run_id!r}: list the runs to see which there are."
        if self._kept_for:
            message += (
                f" Runs are kept for {self._kept_for.days} days after their end; what they made "
                "stays: list the datasets."
            )
        return NotFoundError(message, reason=RUN_NOT_FOUND, field="run_id")
