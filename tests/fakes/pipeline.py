"""Runs, facts and requests for the pipeline's tests, and a clock that stands still."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.pipeline.facts import (
    AudioTrack,
    Built,
    Extracted,
    Fact,
    Failed,
    Outcome,
    Prepared,
    Probed,
    Transcribed,
    Verified,
)
from services.pipeline.new_run import Source, new_run
from services.pipeline.run_model import BuiltDataset, Options, Snapshot, Stage, StepRef

RUN_ID = "20261123-041530-1f3a9c2e"
NOW = datetime(2026, 11, 23, 4, 15, 30, tzinfo=UTC)

SUCCESSES: dict[Stage, Outcome] = {
    Stage.PROBE: Probed("mov", 723.0, (AudioTrack("aac", 48_000, 2),)),
    Stage.EXTRACT: Extracted("artifact://blobs/audio", 48_000, 723 * 48_000, 0.0),
    Stage.PREPARE: Prepared(
        "artifact://blobs/wav", "artifact://blobs/clips", 38, 3, 492.0, 530.0, (1.0, 0.0)
    ),
    Stage.TRANSCRIBE: Transcribed("artifact://blobs/text", "en", 1204),
    Stage.VERIFY: Verified("artifact://blobs/verdicts", 36, 2),
    Stage.BUILD: Built(BuiltDataset("ada", 1, "sha256:0", 36, 480.0, 5)),
}


class Clock:
    """A clock that only tests move."""

    def __init__(self, now: datetime = NOW) -> None:
        """Starts at `now`."""
        self.now = now

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        """Moves on."""
        self.now += timedelta(seconds=seconds)


def recording_id(name: str) -> str:
    """The id of a recording whose bytes are its name."""
    return hashlib.sha256(name.encode()).hexdigest()


def source(name: str) -> Source:
    """A recording of that name."""
    return Source(recording_id(name), name)


def begun(names: Sequence[str] = ("a.mp4",), options: Options | None = None) -> Snapshot:
    """A run that has just begun."""
    return new_run(RUN_ID, "ada", [source(name) for name in names], options or Options(), NOW)


def success(step: StepRef) -> Fact:
    """What a worker tells when all is well."""
    return Fact(step, SUCCESSES[step.stage])


def failure(step: StepRef, *, retryable: bool = False) -> Fact:
    """What a worker tells when it gives up."""
    return Fact(step, Failed("BROKEN", "It is broken: mend it.", retryable))
