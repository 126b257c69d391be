"""ProbeMedia: says what a recording contains, once."""

from pathlib import Path
from typing import Protocol

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import InvalidInputError
from services.chassis.steps import Step, StepResults
from services.media import recordings, wire
from services.media.contents import Contents
from services.media.quality import warnings_on
from ttstrainer.media.v1 import media_service_pb2 as pb

REVISION = 1


class Describer(Protocol):
    """Looks into a file; Ffprobe is the real one."""

    @property
    def version(self) -> str:
        """The version that recorded results depend on."""

    async def describe(self, path: Path) -> Contents:
        """Returns what the file contains; raises InvalidInputError when it is no media."""


class Probing:
    """Asks ffprobe, within limits."""

    def __init__(
        self,
        store: ArtifactStore,
        steps: StepResults,
        describer: Describer,
        *,
        max_stream_count: int,
        max_duration_seconds: float,
    ) -> None:
        """Refuses recordings beyond the limits."""
        self._store = store
        self._steps = steps
        self._describer = describer
        self._max_stream_count = max_stream_count
        self._max_duration_seconds = max_duration_seconds

    async def probe(self, recording_id: str) -> pb.MediaInfo:
        """Returns what the recording contains.

        Raises NotFoundError for an unknown recording, and InvalidInputError for bytes that are no
        readable media or that pass a limit.
        """
        recordings.checked_sha256(recording_id, field="recording_id")
        step = Step(
            method=wire.PROBE_MEDIA,
            revision=REVISION,
            parameters={},
            inputs=(recording_id,),
            models={"ffprobe": self._describer.version},
        )

        async def compute() -> pb.MediaInfo:
            async with recordings.opened(self._store, recording_id) as path:
                contents = await self._describer.describe(path)
            self._require_limits(contents)
            return wire.media_message(recording_id, contents, warnings_on(contents))

        return await self._steps.once(step, pb.MediaInfo, compute)

    def _require_limits(self, contents: Contents) -> None:
        if len(contents.streams) > self._max_stream_count:
            message = (
                f"The file has {len(contents.streams)} streams, more than the "
                f"{self._max_stream_count} that are allowed: export it with one audio track."
            )
            raise InvalidInputError(message, reason="TOO_MANY_STREAMS")
        if contents.duration_seconds > self._max_duration_seconds:
            message = (
                f"The recording lasts {contents.duration_seconds / 3600:.1f} hours, longer than "
                f"the {self._max_duration_seconds / 3600:g} that are allowed: cut it."
            )
            raise InvalidInputError(message, reason="RECORDING_TOO_LONG")
