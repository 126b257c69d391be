"""How far a run has come: the steps done, weighted by what they usually cost."""

from collections.abc import Callable, Mapping

from services.pipeline.run_model import (
    RECORDING_STAGES,
    Recording,
    Run,
    Snapshot,
    Stage,
    State,
    StepRef,
)

__all__ = ["FractionOf", "current_step", "ratio_of"]

FractionOf = Callable[[StepRef], float]
"""Returns how far a worker says it has come with a step, 0 to 1."""

COST_WEIGHTS: Mapping[Stage, float] = {
    Stage.PROBE: 0.0,
    Stage.EXTRACT: 0.05,
    Stage.PREPARE: 0.35,
    Stage.TRANSCRIBE: 0.45,
    Stage.VERIFY: 0.10,
    Stage.BUILD: 0.05,
}
"""Shares of a run's cost, measured on two processor cores with a small recogniser."""


def ratio_of(snapshot: Snapshot, fraction_of: FractionOf) -> float:
    """Returns how far a run has come, 0 to 1; a long recording counts for more than a short one."""
    run, recordings = snapshot.run, snapshot.recordings
    if run.state is State.SUCCEEDED:
        return 1.0
    known = [each.results.duration_seconds for each in recordings if each.results.duration_seconds]
    usual = sum(known) / len(known) if known else 1.0
    durations = [each.results.duration_seconds or usual for each in recordings]
    done = [_done_of(run, each, fraction_of) for each in recordings]
    whole = sum(durations)
    mean = sum(d * share for d, share in zip(durations, done, strict=True)) / whole if whole else 0
    build = fraction_of(StepRef(run.run_id, Stage.BUILD, "", run.build.attempt))
    return min(1.0, mean + COST_WEIGHTS[Stage.BUILD] * build)


def current_step(run: Run, recording: Recording) -> StepRef:
    """Returns the attempt a recording is at."""
    return StepRef(run.run_id, recording.stage, recording.recording_id, recording.step.attempt)


def _done_of(run: Run, recording: Recording, fraction_of: FractionOf) -> float:
    """The share of the run's cost, without the build, that this recording has behind it."""
    if recording.state in {State.SUCCEEDED, State.FAILED}:
        return sum(COST_WEIGHTS[stage] for stage in RECORDING_STAGES)
    place = RECORDING_STAGES.index(recording.stage)
    behind = sum(COST_WEIGHTS[stage] for stage in RECORDING_STAGES[:place])
    return behind + COST_WEIGHTS[recording.stage] * fraction_of(current_step(run, recording))
