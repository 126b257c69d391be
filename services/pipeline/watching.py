"""Watching a run: all of it at first, then what changed, however slowly one reads."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from services.chassis.beside import running_beside
from services.chassis.errors import UnavailableError
from services.pipeline.live import Live
from services.pipeline.run_model import Recording, Snapshot, State
from services.pipeline.run_store import RunStore
from services.pipeline.wire import recording_message, run_message
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

__all__ = ["Watching"]

PAUSE_SECONDS = 0.2
"""What changes within this time is told once."""
REFRESH_SECONDS = 15.0
"""After this long without any news the run is read again, should the news not get through."""


@dataclass
class Changes:
    """What changed since it was last told: a set, so that a slow reader piles up nothing."""

    recording_ids: set[str] = field(default_factory=set)
    happened: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, recording_id: str) -> None:
        """Notes that a recording changed, or the run when empty."""
        if recording_id:
            self.recording_ids.add(recording_id)
        self.happened.set()

    async def wait(self, seconds: float) -> bool:
        """Waits for a change, not longer than so many seconds; False when there was none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.happened.wait()
        return self.happened.is_set()

    def taken(self) -> set[str]:
        """Returns the recordings that changed, and begins anew."""
        recording_ids, self.recording_ids = self.recording_ids, set()
        self.happened.clear()
        return recording_ids


@dataclass
class Told:
    """What was told last."""

    run: pb.Run | None = None
    recordings: dict[str, pb.RecordingRun] = field(default_factory=dict)

    @classmethod
    def of(cls, run: pb.Run) -> "Told":
        """What the message of a whole run tells."""
        alone = pb.Run()
        alone.CopyFrom(run)
        del alone.recordings[:]
        return cls(alone, {each.recording_id: each for each in run.recordings})


class Watching:
    """Tells of runs as they go on, whichever process leads them."""

    def __init__(self, runs: RunStore, live: Live, stopping: asyncio.Event) -> None:
        """Reads from `runs`; progress comes from `live`; sends watchers away when `stopping`."""
        self._runs = runs
        self._live = live
        self._stopping = stopping

    async def watch(self, run_id: str) -> AsyncGenerator[pb.WatchRunResponse, None]:
        """Yields the run, then its changes, and ends with it.

        Raises NotFoundError, and UnavailableError when this process is about to end.
        """
        view, changes = View(await self._runs.snapshot(run_id)), Changes()
        async with self._following(view, changes):
            first = run_message(view.snapshot, self._live, with_recordings=True)
            told = Told.of(first)
            yield pb.WatchRunResponse(run=first)
            while view.snapshot.run.state is State.RUNNING:
                if not await changes.wait(REFRESH_SECONDS):
                    view.snapshot = await self._runs.snapshot(run_id)
                    changes.recording_ids.update(view.snapshot.run.recording_ids)
                if self._stopping.is_set():
                    message = "The service is shutting down: watch the run again."
                    raise UnavailableError(message, reason="SHUTTING_DOWN")
                for update in self._updates(view.snapshot, changes.taken(), told):
                    yield update
                await asyncio.sleep(PAUSE_SECONDS)
        ended = await self._runs.snapshot(run_id)
        for update in self._updates(ended, set(ended.run.recording_ids), told):
            yield update

    @asynccontextmanager
    async def _following(self, view: "View", changes: Changes) -> AsyncIterator[None]:
        async def hear_of_stopping() -> None:
            await self._stopping.wait()
            changes.happened.set()

        with self._live.listening(view.run_id, changes.note):
            async with (
                running_beside(hear_of_stopping()),
                running_beside(self._follow_run(view, changes)),
                running_beside(self._follow_recordings(view, changes)),
            ):
                yield

    def _updates(
        self, snapshot: Snapshot, recording_ids: set[str], told: Told
    ) -> list[pb.WatchRunResponse]:
        updates = []
        for recording in snapshot.recordings:
            if recording.recording_id in recording_ids:
                message = recording_message(snapshot.run, recording, self._live)
                if told.recordings.get(recording.recording_id) != message:
                    told.recordings[recording.recording_id] = message
                    updates.append(pb.WatchRunResponse(recording=message))
        run = run_message(snapshot, self._live, with_recordings=False)
        if run != told.run:
            told.run = run
            updates.append(pb.WatchRunResponse(run=run))
        return updates

    async def _follow_run(self, view: "View", changes: Changes) -> None:
        async with aclosing(self._runs.changes_of_run(view.run_id)) as runs:
            async for run in runs:
                view.snapshot = replace(view.snapshot, run=run)
                changes.note("")

    async def _follow_recordings(self, view: "View", changes: Changes) -> None:
        async with aclosing(self._runs.changes_of_recordings(view.run_id)) as recordings:
            async for recording in recordings:
                view.put(recording)
                changes.note(recording.recording_id)


class View:
    """A run as it is known here."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Begins with what was read."""
        self.snapshot = snapshot
        self.run_id = snapshot.run.run_id
        self._places = {each: place for place, each in enumerate(snapshot.run.recording_ids)}

    def put(self, recording: Recording) -> None:
        """Replaces a recording."""
        place = self._places.get(recording.recording_id)
        if place is not None:
            before = self.snapshot.recordings
            after = (*before[:place], recording, *before[place + 1 :])
            self.snapshot = replace(self.snapshot, recordings=after)
