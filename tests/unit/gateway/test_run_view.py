"""What a run's changes become on a screen."""

from gateway.cli.runs.run_view import RunView
from tests.fakes.reporter import RecordingReporter
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb


def recording(
    recording_id: str = "a" * 64,
    state: pb.State.ValueType = pb.STATE_RUNNING,
    *steps: pb.StepProgress,
    name: str = "talk.mp4",
) -> pb.RecordingRun:
    return pb.RecordingRun(
        recording_id=recording_id, display_name=name, state=state, steps=list(steps)
    )


def step(
    stage: pb.Stage.ValueType, state: pb.StepState.ValueType, ratio: float = 0.0
) -> pb.StepProgress:
    return pb.StepProgress(stage=stage, state=state, progress_ratio=ratio, attempt=1, detail="d")


def started(*recordings: pb.RecordingRun, **fields: object) -> pb.WatchRunResponse:
    run = pb.Run(run_id="r", state=pb.STATE_RUNNING, recordings=list(recordings), **fields)  # type: ignore[arg-type]
    return pb.WatchRunResponse(run=run)


def changed(each: pb.RecordingRun) -> pb.WatchRunResponse:
    return pb.WatchRunResponse(recording=each)


def view() -> tuple[RunView, RecordingReporter]:
    reporter = RecordingReporter()
    return RunView(reporter), reporter


DONE = step(pb.STAGE_EXTRACT, pb.STEP_STATE_SUCCEEDED)


def test_a_step_that_is_done_is_told_once_however_often_it_is_seen() -> None:
    seen, reporter = view()
    seen.update(started(recording("a" * 64, pb.STATE_RUNNING, DONE)))
    seen.update(changed(recording("a" * 64, pb.STATE_RUNNING, DONE)))
    seen.update(started(recording("a" * 64, pb.STATE_RUNNING, DONE)))
    assert reporter.told.count(("finished", "talk.mp4", "extract", "d")) == 1


def test_a_running_step_shows_how_far_it_is() -> None:
    seen, reporter = view()
    seen.update(started(recording()))
    running = step(pb.STAGE_PREPARE, pb.STEP_STATE_RUNNING, 0.25)
    seen.update(changed(recording("a" * 64, pb.STATE_RUNNING, running)))
    assert ("progress", "talk.mp4", "prepare", 0.25) in reporter.told


def test_a_recording_that_is_left_out_is_told_once_with_its_reason() -> None:
    seen, reporter = view()
    failed = recording("a" * 64, pb.STATE_FAILED)
    failed.error.CopyFrom(
        pb.RunError(reason="NO_AUDIO_STREAM", message="It is silent.", stage=pb.STAGE_PROBE)
    )
    seen.update(started(recording()))
    seen.update(changed(failed))
    seen.update(changed(failed))
    told = [each for each in reporter.told if each[0] == "failed"]
    assert told == [("failed", "talk.mp4", "probe", "NO_AUDIO_STREAM", "It is silent.")]


def test_recordings_of_the_same_name_are_told_apart() -> None:
    seen, _ = view()
    one, other = recording("a" * 64), recording("b" * 64)
    seen.update(started(one, other))
    assert seen.label(one) == "talk.mp4 (aaaaaaaa)"
    assert seen.label(other) == "talk.mp4 (bbbbbbbb)"


def test_a_later_message_without_recordings_forgets_none() -> None:
    seen, _ = view()
    seen.update(started(recording()))
    seen.update(changed(recording("a" * 64, pb.STATE_SUCCEEDED, DONE)))
    seen.update(pb.WatchRunResponse(run=pb.Run(run_id="r", state=pb.STATE_SUCCEEDED)))
    assert seen.run.state == pb.STATE_SUCCEEDED
    assert [each.state for each in seen.run.recordings] == [pb.STATE_SUCCEEDED]


def test_attention_is_called_once_for_as_long_as_it_lasts() -> None:
    seen, reporter = view()
    for _ in range(2):
        seen.update(started(recording(), attention=["no worker"]))
    assert reporter.told.count(("note", "no worker")) == 1
