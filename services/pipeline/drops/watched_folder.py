"""Copies what lies in a folder of this machine into the inbox of the store."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import InvalidInputError, ServiceError
from services.chassis.key_value import KeyValue
from services.pipeline.conductor import Clock
from services.pipeline.drops.bunches import INBOX, File, Sighting, is_partial, observed
from services.pipeline.drops.file_marks import FileMarks

__all__ = ["WatchedFolder"]

COPIED_KEYS = "copied."

log = structlog.get_logger()


class WatchedFolder:
    """Looks at `<folder>/<voice>/<file>`; each file is copied once, unless it changes.

    The files stay where they are. Let one process watch a folder: two may copy a file twice.
    """

    def __init__(
        self,
        folder: Path,
        *,
        store: ArtifactStore,
        bucket: KeyValue,
        rest_seconds: float,
        kept_for: timedelta | None,
        clock: Clock,
    ) -> None:
        """Remembers in `bucket` what was copied, so that a restart copies nothing again.

        A file that was not seen for as long as `kept_for` is forgotten.
        """
        self._folder = folder
        self._store = store
        self._copied = FileMarks(bucket, COPIED_KEYS, kept_for)
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._sightings: dict[str, Sighting] = {}
        self._known_as_copied: set[File] = set()

    async def run(self, every_seconds: float) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.look()
            except ServiceError as error:
                log.warning("watched_folder.failed", reason=error.reason)
            except Exception:
                log.exception("watched_folder.failed", reason="INTERNAL")
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Looks once, and copies what is complete."""
        files = await asyncio.to_thread(lambda: list(_files_in(self._folder)))
        now = self._clock()
        self._sightings = observed(self._sightings, files, now)
        # Thousands may lie there for ever: the bucket is not asked about them at every look.
        self._known_as_copied.intersection_update(files)
        for sighting in tuple(self._sightings.values()):
            rests = (now - sighting.since).total_seconds() >= self._rest_seconds
            if rests and sighting.file not in self._known_as_copied:
                await self._copy(sighting.file)
        await self._copied.tend(files, now)

    async def _copy(self, file: File) -> None:
        if await self._copied.has(file):
            self._known_as_copied.add(file)
            return
        try:
            await self._store.put(INBOX + file.key, self._folder / file.key)
            log.info("watched_folder.copied", key=INBOX + file.key, size_bytes=file.size_bytes)
        except OSError as error:
            # It was taken away, or may not be read: the next look tells.
            log.warning("watched_folder.unreadable", reason=type(error).__name__)
            return
        except InvalidInputError as error:
            log.warning("watched_folder.refused", reason=error.reason)
        await self._copied.add(file)


def _files_in(folder: Path) -> Iterator[File]:
    """Yields the files of all voices; their keys are relative to `folder`."""
    for path in sorted(folder.glob("*/**/*")):
        relative = path.relative_to(folder)
        if any(is_partial(part) for part in relative.parts):
            continue
        try:
            status = path.stat()
        except OSError:  # it has gone, is a link to itself, or lies where we may not look
            continue
        if path.is_file():
            modified_time = datetime.fromtimestamp(status.st_mtime, UTC)
            yield File(relative.as_posix(), status.st_size, modified_time)
