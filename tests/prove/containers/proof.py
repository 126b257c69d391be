"""The report: which faults, how long until all was well, and on which machine."""

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.containers.engine import docker, inspect
from tests.prove.containers.trials import Trial

HEADER = (
    "| fault | at work then | back after | run ended after | repeated deliveries | dataset |\n"
    "|---|---|---:|---:|---:|---|\n"
)
COLUMNS = (
    '"Back after" counts from the kill or the end of the fault until the part answers, where a '
    'disk was full until the run has ended; "run ended after" from the command or drop, fault '
    'included; "repeated deliveries" are those that were settled and not the first of their step.'
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault did."""

    fault: str
    moment: str
    """What was under way."""
    recovery_seconds: float
    """From the fault to the part's first sign of life."""
    run_seconds: float
    """From the command to the dataset, fault included."""
    repeated_count: int
    """Deliveries of steps that were not the first."""
    outcome: str
    """What became of the run."""


@dataclass(slots=True)
class Proof:
    """What is measured, and said at the end."""

    seed: str
    revision: str
    """Of which all images are built."""
    engine_version: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    start: float = field(default_factory=time.monotonic)
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many tests ended how."""

    def add(self, fault: str, moment: str, recovery_seconds: float, trial: Trial) -> None:
        """Notes a fault that the run of a trial came through, with the dataset it had to make."""
        self.rows.append(
            Row(
                fault=fault,
                moment=moment,
                recovery_seconds=recovery_seconds,
                run_seconds=time.monotonic() - trial.start,
                repeated_count=trial.repeated_count(),
                outcome="equal " + trial.digest.removeprefix("sha256:")[:8],
            )
        )

    def text(self) -> str:
        """Returns the report."""
        told = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
        return (
            "# Faults in containers\n\n"
            "Written by `make prove-containers`, not by hand. While a run is under way in the stack"
            " of docker-compose.yml, something happens to it; the run must end by itself with the "
            "dataset that an embedded run makes of the same videos.\n\n"
            f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, images of revision "
            f"{self.revision}, seed {self.seed}\n"
            f"- {os.cpu_count()} cores, {_memory_gigabytes():.0f} GB of memory, Docker engine "
            f"{self.engine_version}\n"
            f"- {told}, in {(time.monotonic() - self.start) / 60:.0f} minutes\n\n"
            f"{COLUMNS}\n\n"
            f"{HEADER}{''.join(map(_line, self.rows))}\n"
            + "".join(f"- {note}\n" for note in self.notes)
        )


def _line(row: Row) -> str:
    return (
        f"| {row.fault} | {row.moment} | {row.recovery_seconds:.1f} s | {row.run_seconds:.1f} s "
        f"| {row.repeated_count} | {row.outcome} |\n"
    )


def revision_of(image: str) -> str:
    """Returns the revision that an image was built of."""
    return str(inspect(image)["Config"]["Labels"]["org.opencontainers.image.revision"])


def engine_version() -> str:
    """Returns that of the Docker engine."""
    return docker("version", "--format", "{{.Server.Version}}").strip()


def _memory_gigabytes() -> float:
    (line,) = [it for it in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in it]
    return int(line.split()[1]) / 1e6
