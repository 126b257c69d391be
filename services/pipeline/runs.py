"""What people do with runs: start, look, end, go on."""

import hashlib
import uuid
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from services.chassis.artifacts import key_of
from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError, ServiceError
from services.pipeline.conductor import Clock, Conductor
from services.pipeline.new_run import Source, complaints_about, is_run_id, new_run, run_id_of
from services.pipeline.run_model import Options, Run, Snapshot, State
from services.pipeline.run_store import RUN_NOT_FOUND, RunStore

__all__ = ["Page", "Runs"]

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Page:
    """Some runs, the newest first."""

    runs: tuple[Snapshot, ...]
    next_page_token: str
    """Empty on the last page."""


class Runs:
    """The use cases of PipelineService."""

    def __init__(
        self, runs: RunStore, conductor: Conductor, clock: Clock, max_recordings: int
    ) -> None:
        """Takes at most `max_recordings` into one run."""
        self._runs = runs
        self._conductor = conductor
        self._clock = clock
        self._max_recordings = max_recordings

    async def start(
        self, voice: str, sources: Sequence[Source], options: Options, request_id: str = ""
    ) -> Snapshot:
        """Starts a run, or returns the one that `request_id` has started already.

        Raises InvalidInputError naming the first field that is wrong.
        """
        self._check(voice, sources, options)
        request_id = request_id or uuid.uuid4().hex
        now = self._clock()
        key = hashlib.sha256(request_id.encode()).hexdigest()[:32]
        run_id = await self._runs.claim(key, run_id_of(request_id, now))
        if await self._runs.run(run_id) is None:
            created = new_run(run_id, voice, sources, options, now)
            await self._runs.create(created)
            count = len(created.recordings)
            log.info("run.started", run_id=run_id, voice=voice, recording_count=count)
        try:
            return await self._conductor.drive(run_id)
        except ServiceError as error:
            if not error.retryable:
                raise
            # It is accepted: the sweep publishes what could not be published now.
            log.warning("run.start_delayed", run_id=run_id, reason=error.reason)
            return await self._runs.snapshot(run_id)

    async def get(self, run_id: str) -> Snapshot:
        """Returns a run. Raises NotFoundError."""
        return await self._runs.snapshot(run_id)

    async def page(
        self, page_size: int, page_token: str, *, voice: str = "", state: State | None = None
    ) -> Page:
        """Returns runs, the newest first. Raises InvalidInputError for a size or token of none."""
        if page_size < 0 or page_size > MAX_PAGE_SIZE:
            message = f"A page holds 1 to {MAX_PAGE_SIZE} runs, not {page_size}."
            raise InvalidInputError(message, field="page_size")
        size = page_size or DEFAULT_PAGE_SIZE
        run_ids = await self._runs.run_ids()
        if page_token:
            if not is_run_id(page_token):
                message = "The page token is none of ours: start again without one."
                raise InvalidInputError(message, field="page_token")
            run_ids = [run_id for run_id in run_ids if run_id < page_token]
        found: list[Snapshot] = []
        async with aclosing(self._runs.runs(run_ids)) as runs:
            async for run in runs:
                if not _is_wanted(run, voice, state):
                    continue
                try:
                    found.append(await self._runs.snapshot(run.run_id))
                except NotFoundError as error:
                    if error.reason == RUN_NOT_FOUND:
                        continue  # It was removed just now.
                    raise
                if len(found) == size:
                    return Page(tuple(found), run.run_id if run.run_id != run_ids[-1] else "")
        return Page(tuple(found), "")

    async def cancel(self, run_id: str) -> Snapshot:
        """Ends a run. Raises NotFoundError, and ConflictError when it has ended already."""
        changed = await self._conductor.cancel(run_id)
        if changed.before.state is not State.RUNNING:
            message = f"The run has ended already: it is {changed.before.state}."
            raise ConflictError(message, reason="RUN_HAS_ENDED", field="run_id")
        return await self._runs.snapshot(run_id)

    async def retry(self, run_id: str) -> Snapshot:
        """Goes on where a run, or the recordings it left out, stopped.

        Raises NotFoundError, and ConflictError when there is nothing to retry.
        """
        snapshot = await self._runs.snapshot(run_id)
        if snapshot.run.state is State.RUNNING:
            message = "The run is under way: wait until it has ended, or cancel it first."
            raise ConflictError(message, reason="RUN_IS_RUNNING", field="run_id")
        whole = snapshot.count(State.SUCCEEDED) == len(snapshot.recordings)
        if whole and snapshot.run.state is State.SUCCEEDED:
            message = "The run has succeeded with all its recordings: there is nothing to retry."
            raise ConflictError(message, reason="NOTHING_TO_RETRY", field="run_id")
        await self._conductor.retry(run_id)
        return await self._conductor.drive(run_id)

    async def sources_of(self, voice: str) -> list[Source]:
        """Returns what the voice has: what came through in its last successful run.

        And what may come through soon, because a run of the voice is under way with it.
        """
        # In this order: what ends meanwhile is found twice, not missed.
        under_way = await self._under_way(voice)
        last = await self.page(1, "", voice=voice, state=State.SUCCEEDED)
        found: dict[str, Source] = {}
        for snapshot in (*under_way, *last.runs):
            for each in snapshot.recordings:
                if each.state is not State.FAILED:
                    source = Source(each.recording_id, each.display_name, each.subtitles_uri)
                    found.setdefault(each.recording_id, source)
        return list(found.values())

    async def _under_way(self, voice: str) -> list[Snapshot]:
        """Returns the runs of the voice that are under way, the newest first."""
        run_ids = (await self._runs.active_run_ids())[::-1]
        async with aclosing(self._runs.runs(run_ids)) as runs:
            wanted = [it.run_id async for it in runs if _is_wanted(it, voice, State.RUNNING)]
        return [await self._runs.snapshot(run_id) for run_id in wanted]

    def _check(self, voice: str, sources: Sequence[Source], options: Options) -> None:
        for each in complaints_about(voice, sources, options, max_recordings=self._max_recordings):
            raise InvalidInputError(each.message, field=each.field)
        for place, source in enumerate(sources):
            if source.subtitles_uri:
                key_of(source.subtitles_uri, field=f"sources[{place}].subtitles_uri")
        if options.reference_audio_uri:
            key_of(options.reference_audio_uri, field="options.reference_audio_uri")


def _is_wanted(run: Run, voice: str, state: State | None) -> bool:
    return (not voice or run.voice == voice) and (state is None or run.state is state)
