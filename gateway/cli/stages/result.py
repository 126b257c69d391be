"""What came of a stage, for programs and for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from gateway.cli.exit_status import ExitStatus
from gateway.cli.importing import LeftOut
from gateway.cli.names import printable


@dataclass(frozen=True, slots=True)
class Finished:
    """A recording that came through."""

    recording_id: str
    display_name: str
    sidecar_name: str
    """The file in the output folder that tells the rest."""


def status_of(done: Sequence[Finished], left_out: Sequence[LeftOut]) -> ExitStatus:
    """Returns how the command ended."""
    if not left_out:
        return ExitStatus.OK
    return ExitStatus.PARTLY if done else ExitStatus.FAILED


def stage_payload(
    output: Path, done: Sequence[Finished], left_out: Sequence[LeftOut], status: ExitStatus
) -> dict[str, object]:
    """Returns the result for programs."""
    return {
        "exit_code": int(status),
        "output": str(output),
        "recordings": [
            {
                "recording_id": each.recording_id,
                "display_name": each.display_name,
                "sidecar": each.sidecar_name,
            }
            for each in done
        ],
        "left_out": left_out_payload(left_out),
    }


def left_out_payload(left_out: Sequence[LeftOut]) -> list[dict[str, str]]:
    """Returns the recordings that failed, for programs."""
    return [
        {
            "display_name": each.display_name,
            "stage": each.stage,
            "reason": each.reason,
            "message": each.message,
        }
        for each in left_out
    ]


def stage_tables(
    output: Path, done: Sequence[Finished], left_out: Sequence[LeftOut]
) -> Iterator[RenderableType]:
    """Yields the result for people."""
    counted = f"{len(done)} recording{'' if len(done) == 1 else 's'}"
    if left_out:
        counted += f", {len(left_out)} left out"
    yield Text(f"{counted}: {printable(str(output))}")
