"""Turns what lies in the inbox of the store into runs."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from services.chassis.artifacts import ArtifactStore, uri_of
from services.chassis.blobs import add_bytes
from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError, ServiceError
from services.chassis.key_value import KeyValue
from services.pipeline.conductor import Clock
from services.pipeline.drops.bunches import (
    INBOX,
    NOTE_SUFFIX,
    Bunch,
    File,
    Patience,
    Sighting,
    bunches,
    observed,
    request_id_of,
    strays,
)
from services.pipeline.drops.file_marks import FileMarks
from services.pipeline.drops.registrar import Registrar
from services.pipeline.drops.voice_file import MAX_BYTES, options_in
from services.pipeline.metrics import DROPS
from services.pipeline.new_run import Source
from services.pipeline.run_model import Options
from services.pipeline.runs import Runs

__all__ = ["Inbox"]

REFUSED_KEYS = "refused."
MAX_SUBTITLE_BYTES = 16 << 20
"""The transcription service takes no more either."""
NO_VOICE = InvalidInputError(
    "It lies in no voice's folder: put it under inbox/<voice>/, where the voice is named with "
    "letters, digits, dots, dashes and underscores, a letter or a digit first and no dot last.",
    reason="NO_VOICE",
)

log = structlog.get_logger()


class Inbox:
    """Polls the store; several processes may, since a drop names its run.

    A drop adds to its voice: the run takes the new recordings and those that the voice has, or may
    have soon: what came through in its last successful run, and what is under way. Their steps are
    recorded already, or will be.
    """

    def __init__(
        self,
        *,
        store: ArtifactStore,
        bucket: KeyValue,
        registrar: Registrar,
        runs: Runs,
        patience: Patience,
        kept_for: timedelta | None,
        clock: Clock,
    ) -> None:
        """Remembers refused files in `bucket`, `kept_for` so long after they were seen."""
        self._store = store
        self._refused = FileMarks(bucket, REFUSED_KEYS, kept_for)
        self._registrar = registrar
        self._runs = runs
        self._patience = patience
        self._clock = clock
        self._sightings: dict[str, Sighting] = {}

    async def run(self, every_seconds: float) -> None:
        """Polls until cancelled."""
        while True:
            try:
                await self.poll()
            except ServiceError as error:
                log.warning("inbox.failed", reason=error.reason)
            except Exception:
                log.exception("inbox.failed", reason="INTERNAL")
            await asyncio.sleep(every_seconds)

    async def poll(self) -> None:
        """Looks once, and starts the runs that are due."""
        files = [
            File(it.key, it.size_bytes, it.modified_time) async for it in self._store.list(INBOX)
        ]
        self._sightings = observed(self._sightings, files, self._clock())
        refused = await self._refused.identities()
        now = self._clock()
        for file in strays(self._sightings, refused, self._patience, now):
            await self._refuse(file, NO_VOICE)
        for bunch in bunches(self._sightings, refused, self._patience, now):
            try:
                await self._take(bunch)
            except NotFoundError:
                # Somebody took it, or took it away, while we looked: the next look tells.
                log.info("drop.gone", voice=bunch.voice)
            except ServiceError as error:  # the other voices need not wait with it
                log.warning("drop.delayed", voice=bunch.voice, reason=error.reason)
        await self._refused.tend(files, now)

    async def _take(self, bunch: Bunch) -> None:
        taken = await self._registered(bunch)
        if taken and await self._started(bunch, taken):
            for file in taken:
                await self._discard(file, bunch)

    async def _registered(self, bunch: Bunch) -> dict[File, Source]:
        """Registers the files, all or, when one has gone, none; refuses what is no recording."""
        taken = {}
        for file in bunch.recordings:
            try:
                subtitles_uri = await self._subtitles(file, bunch)
                recording_id = await self._registrar.register(uri_of(file.key), file.name)
            except (InvalidInputError, ConflictError) as error:
                await self._refuse(file, error)
                continue
            taken[file] = Source(recording_id, file.name, subtitles_uri)
        return taken

    async def _started(self, bunch: Bunch, taken: Mapping[File, Source]) -> bool:
        """Starts the run; when it cannot be started, refuses the files and returns False."""
        new = list(taken.values())
        recording_ids = [source.recording_id for source in new]
        try:
            options = await self._options(bunch)
            sources = [*new, *await self._earlier(bunch.voice, new)]
            request_id = request_id_of(bunch.voice, recording_ids, list(taken))
            started = await self._runs.start(bunch.voice, sources, options, request_id)
        except (InvalidInputError, ConflictError) as error:
            for file in taken:
                await self._refuse(file, error)
            return False
        DROPS.labels("taken").inc(len(taken))
        log.info("drop.taken", run_id=started.run.run_id, voice=bunch.voice, file_count=len(taken))
        return True

    async def _options(self, bunch: Bunch) -> Options:
        if bunch.voice_file is None:
            return Options()
        if bunch.voice_file.size_bytes > MAX_BYTES:
            return options_in(b"")
        return options_in(await self._store.read(bunch.voice_file.key))

    async def _earlier(self, voice: str, new: Sequence[Source]) -> list[Source]:
        named = {source.recording_id for source in new}
        earlier = await self._runs.sources_of(voice)
        return [source for source in earlier if source.recording_id not in named]

    async def _subtitles(self, file: File, bunch: Bunch) -> str:
        sidecar = bunch.subtitles.get(file.key)
        if sidecar is None:
            return ""
        if sidecar.size_bytes > MAX_SUBTITLE_BYTES:
            message = (
                f"The transcript {sidecar.name!r} beside it has {sidecar.size_bytes} bytes, more "
                f"than {MAX_SUBTITLE_BYTES}: take it away or shorten it, then drop both again."
            )
            raise InvalidInputError(message, reason="INVALID_SUBTITLES")
        blob = await add_bytes(self._store, await self._store.read(sidecar.key))
        return blob.uri

    async def _refuse(self, file: File, error: ServiceError) -> None:
        """Leaves the file where it is, with a note beside it, until it changes."""
        await self._store.write(file.key + NOTE_SUFFIX, f"{error.message}\n".encode())
        await self._refused.add(file, error.reason.encode())
        DROPS.labels("refused").inc()
        log.warning("drop.refused", key=file.key, reason=error.reason)

    async def _discard(self, file: File, bunch: Bunch) -> None:
        """Clears the inbox of what a run has now; it lives on as a recording."""
        for taken in (file, bunch.subtitles.get(file.key)):
            if taken and await self._is_unchanged(taken):
                await self._store.delete(taken.key)
        await self._store.delete(file.key + NOTE_SUFFIX)

    async def _is_unchanged(self, file: File) -> bool:
        """False for what was dropped anew while we took what was there before: that comes next."""
        # Not by `stat`: some stores tell the time there with less precision than in a listing.
        found = [
            File(it.key, it.size_bytes, it.modified_time) async for it in self._store.list(file.key)
        ]
        return file in found
