"""Imports recordings, several at once, and keeps going when one cannot be imported."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.cli.inputs import Input
from gateway.cli.parallel import in_parallel
from gateway.cli.reporter import Reporter
from gateway.cli.stages.sidecar import Sidecar
from gateway.client.media import MediaClient
from services.chassis.errors import InvalidInputError
from ttstrainer.media.v1.media_service_pb2 import Recording

MAX_PARALLEL_IMPORTS = 4
STAGE = "import"


@dataclass(frozen=True, slots=True)
class Imported:
    """A recording that lies in the store, and where it came from."""

    path: Path
    sidecar: Sidecar

    @property
    def recording(self) -> Recording:
        """The recording."""
        return self.sidecar.recording


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A recording that did not get through, for the closing table."""

    display_name: str
    stage: str
    reason: str
    message: str


@dataclass(slots=True)
class Imports:
    """What became of the inputs."""

    recordings: list[Imported] = field(default_factory=list)
    """Each once, in the order of the inputs."""
    left_out: list[LeftOut] = field(default_factory=list)


async def import_all(media: MediaClient, inputs: Sequence[Input], reporter: Reporter) -> Imports:
    """Imports every input; what cannot be imported is left out with its reason.

    Raises:
        ServiceError: the service cannot be reached.
    """

    async def bring(each: Input) -> Imported | LeftOut:
        name = each.display_name
        if each.sidecar is not None:
            return Imported(each.path, each.sidecar)
        try:
            recording = await media.import_recording(
                each.path, lambda ratio: reporter.progress(name, STAGE, ratio)
            )
        except InvalidInputError as error:
            reporter.failed(name, STAGE, error.reason, error.message)
            return LeftOut(name, STAGE, error.reason, error.message)
        reporter.finished(name, STAGE, _size(recording.size_bytes))
        return Imported(each.path, Sidecar(recording))

    imports = Imports()
    seen: dict[str, Imported] = {}
    for outcome in await in_parallel(inputs, bring, limit=MAX_PARALLEL_IMPORTS):
        if isinstance(outcome, LeftOut):
            imports.left_out.append(outcome)
            continue
        known = seen.get(outcome.recording.recording_id)
        if known is None:
            seen[outcome.recording.recording_id] = outcome
        else:
            same = known.recording.display_name
            reporter.note(f"{outcome.path.name!r} holds the same recording as {same!r}.")
            if _stage_count(outcome.sidecar) > _stage_count(known.sidecar):
                seen[outcome.recording.recording_id] = outcome
    imports.recordings.extend(seen.values())
    return imports


def _stage_count(sidecar: Sidecar) -> int:
    stages = (sidecar.extracted, sidecar.prepared, sidecar.transcript, sidecar.verified)
    return sum(stage is not None for stage in stages)


def _size(size_bytes: int) -> str:
    mebibytes = size_bytes / (1 << 20)
    return f"{mebibytes:,.1f} MiB" if mebibytes < 1000 else f"{mebibytes / 1024:,.1f} GiB"  # noqa: PLR2004
