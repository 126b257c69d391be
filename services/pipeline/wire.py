"""Runs as messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from google.protobuf.timestamp_pb2 import Timestamp

from services.pipeline.live import Live
from services.pipeline.progress import current_step, ratio_of
from services.pipeline.run_model import (
    METHODS,
    RECORDING_STAGES,
    BuiltDataset,
    Failure,
    Options,
    Recording,
    Run,
    Snapshot,
    Stage,
    State,
    Step,
    StepRef,
)
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

__all__ = ["options_message", "options_of", "recording_message", "run_message", "state_of"]

StepState: TypeAlias = "pb.StepState.ValueType"

STATES: Mapping[State, "pb.State.ValueType"] = {
    State.RUNNING: pb.STATE_RUNNING,
    State.SUCCEEDED: pb.STATE_SUCCEEDED,
    State.FAILED: pb.STATE_FAILED,
    State.CANCELLED: pb.STATE_CANCELLED,
}
STAGES: Mapping[Stage, "pb.Stage.ValueType"] = {
    Stage.PROBE: pb.STAGE_PROBE,
    Stage.EXTRACT: pb.STAGE_EXTRACT,
    Stage.PREPARE: pb.STAGE_PREPARE,
    Stage.TRANSCRIBE: pb.STAGE_TRANSCRIBE,
    Stage.VERIFY: pb.STAGE_VERIFY,
    Stage.BUILD: pb.STAGE_BUILD,
}


def run_message(snapshot: Snapshot, live: Live, *, with_recordings: bool) -> pb.Run:
    """Returns a run with what is known of its progress."""
    run = snapshot.run
    message = pb.Run(
        run_id=run.run_id,
        voice=run.voice,
        state=STATES[run.state],
        options=options_message(run.options),
        create_time=_timestamp(run.create_time),
        recording_count=len(snapshot.recordings),
        succeeded_count=snapshot.count(State.SUCCEEDED),
        failed_count=snapshot.count(State.FAILED),
        progress_ratio=ratio_of(snapshot, live.fraction_of),
        attention=[*run.notes, *_obstacles(snapshot, live)],
        build=_build_message(run, live),
    )
    if run.end_time:
        message.end_time.CopyFrom(_timestamp(run.end_time))
    if run.failure:
        message.error.CopyFrom(_error_message(run.failure))
    if run.dataset:
        message.dataset.CopyFrom(_dataset_message(run.dataset))
    if with_recordings:
        message.recordings.extend(recording_message(run, it, live) for it in snapshot.recordings)
    return message


def recording_message(run: Run, recording: Recording, live: Live) -> pb.RecordingRun:
    """Returns one recording of a run with what is known of its progress."""
    stopped = run.state is State.CANCELLED and recording.state is State.RUNNING
    message = pb.RecordingRun(
        recording_id=recording.recording_id,
        display_name=recording.display_name,
        state=STATES[State.CANCELLED if stopped else recording.state],
        steps=[_step_message(run, recording, stage, live) for stage in RECORDING_STAGES],
        duration_seconds=recording.results.duration_seconds,
    )
    if recording.failure:
        message.error.CopyFrom(_error_message(recording.failure))
    return message


def options_of(message: pb.RunOptions) -> Options:
    """Returns the options of a request."""
    return Options(
        **{field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}
    )


def options_message(options: Options) -> pb.RunOptions:
    """Returns options as a message."""
    names = [field.name for field in pb.RunOptions.DESCRIPTOR.fields]
    return pb.RunOptions(**{name: getattr(options, name) for name in names})


def state_of(message: "pb.State.ValueType") -> State | None:
    """Returns the state that a message names; None when it names none."""
    return next((state for state, named in STATES.items() if named == message), None)


def _step_message(run: Run, recording: Recording, stage: Stage, live: Live) -> pb.StepProgress:
    place = RECORDING_STAGES.index(stage)
    present = RECORDING_STAGES.index(recording.stage)
    step = recording.steps[place]
    if place < present or recording.state is State.SUCCEEDED:
        return _step(stage, step, pb.STEP_STATE_SUCCEEDED, 1.0)
    if place > present:
        return pb.StepProgress(stage=STAGES[stage])
    if recording.state is State.FAILED:
        return _step(stage, step, pb.STEP_STATE_FAILED, 0.0)
    return _step(stage, step, *_standing(run, step, current_step(run, recording), live))


def _build_message(run: Run, live: Live) -> pb.StepProgress:
    if run.state is State.SUCCEEDED:
        return _step(Stage.BUILD, run.build, pb.STEP_STATE_SUCCEEDED, 1.0)
    if run.failure and run.failure.stage is Stage.BUILD:
        return _step(Stage.BUILD, run.build, pb.STEP_STATE_FAILED, 0.0)
    ref = StepRef(run.run_id, Stage.BUILD, "", run.build.attempt)
    return _step(Stage.BUILD, run.build, *_standing(run, run.build, ref, live))


def _standing(run: Run, step: Step, ref: StepRef, live: Live) -> tuple[StepState, float]:
    if run.state is not State.RUNNING or not step.queued:
        return pb.STEP_STATE_UNSPECIFIED, 0.0
    if live.has_begun(ref):
        return pb.STEP_STATE_RUNNING, live.fraction_of(ref)
    return pb.STEP_STATE_QUEUED, 0.0


def _step(stage: Stage, step: Step, state: StepState, ratio: float) -> pb.StepProgress:
    attempt = 0 if state == pb.STEP_STATE_UNSPECIFIED and step.attempt == 1 else step.attempt
    return pb.StepProgress(
        stage=STAGES[stage],
        state=state,
        progress_ratio=ratio,
        attempt=attempt,
        detail=step.detail,
    )


def _obstacles(snapshot: Snapshot, live: Live) -> list[str]:
    run = snapshot.run
    if run.state is not State.RUNNING:
        return []
    steps = [current_step(run, it) for it in snapshot.recordings if it.state is State.RUNNING]
    if run.build.queued:
        steps.append(StepRef(run.run_id, Stage.BUILD, "", run.build.attempt))
    waiting = {METHODS[step.stage] for step in steps}
    unserved = [live.unserved[method] for method in sorted(waiting & live.unserved.keys())]
    # Only of steps that have not ended: perhaps another process heard so, and not this one.
    return unserved + live.troubles_of(steps)


def _error_message(failure: Failure) -> pb.RunError:
    return pb.RunError(reason=failure.reason, message=failure.message, stage=STAGES[failure.stage])


def _dataset_message(dataset: BuiltDataset) -> pb.BuiltDataset:
    return pb.BuiltDataset(
        dataset_id=dataset.dataset_id,
        version=dataset.version,
        digest=dataset.digest,
        kept_count=dataset.kept_count,
        kept_seconds=dataset.kept_seconds,
        rejected_count=dataset.rejected_count,
    )


def _timestamp(moment: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(moment)
    return message
