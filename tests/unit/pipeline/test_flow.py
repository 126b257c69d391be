"""The flow of a run, without any clock, queue or store."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pipeline import flow
from services.pipeline.facts import Extracted, Fact, Prepared, Probed, Queued, Transcribed
from services.pipeline.flow import Rules, apply, pending
from services.pipeline.run_model import Options, Snapshot, Stage, State, StepRef
from tests.fakes.pipeline import NOW, begun, failure, recording_id, success

RULES = Rules(max_attempts=3, window_count=2)
RECORDING_STAGES: list[Stage] = [stage for stage in Stage if stage is not Stage.BUILD]


def applied(snapshot: Snapshot, *facts: Fact, rules: Rules = RULES) -> Snapshot:
    for fact in facts:
        snapshot = apply(snapshot, fact, rules, NOW)
    return snapshot


def up_to(snapshot: Snapshot, stage: Stage, name: str = "a.mp4") -> tuple[Snapshot, StepRef]:
    """Leads one recording to `stage`; returns the run and the step that it waits for."""
    for earlier in RECORDING_STAGES[: RECORDING_STAGES.index(stage)]:
        step = StepRef(snapshot.run.run_id, earlier, recording_id(name), 1)
        snapshot = applied(snapshot, success(step))
    return snapshot, StepRef(snapshot.run.run_id, stage, recording_id(name), 1)


def through(snapshot: Snapshot, name: str = "a.mp4") -> Snapshot:
    """Leads one recording through all its stages."""
    snapshot, step = up_to(snapshot, Stage.VERIFY, name)
    return applied(snapshot, success(step))


def only(snapshot: Snapshot) -> StepRef:
    (step,) = pending(snapshot, RULES)
    return step


def test_a_run_takes_each_recording_through_every_stage_and_then_builds() -> None:
    snapshot, stages = begun(), []
    while snapshot.run.state is State.RUNNING:
        step = only(snapshot)
        stages.append(step.stage)
        snapshot = applied(snapshot, Fact(step, Queued()), success(step))

    assert stages == list(Stage)
    assert snapshot.run.state is State.SUCCEEDED
    assert snapshot.run.dataset is not None
    assert snapshot.run.end_time == NOW


def test_a_command_that_is_queued_is_not_pending_any_more() -> None:
    snapshot = begun()

    queued = applied(snapshot, Fact(only(snapshot), Queued()))

    assert pending(queued, RULES) == ()


def test_only_as_many_recordings_as_the_window_holds_are_under_way() -> None:
    snapshot = begun(["a", "b", "c"])

    assert [step.recording_id for step in pending(snapshot, RULES)] == [
        recording_id("a"),
        recording_id("b"),
    ]


def test_a_recording_that_ends_makes_room_for_the_next() -> None:
    snapshot = begun(["a", "b", "c"])
    for step in pending(snapshot, RULES):
        snapshot = applied(snapshot, Fact(step, Queued()))

    step = StepRef(snapshot.run.run_id, Stage.PROBE, recording_id("b"), 1)

    after = applied(snapshot, failure(step))

    assert only(after).recording_id == recording_id("c")


def test_a_failed_recording_is_left_out_and_the_others_make_a_dataset() -> None:
    snapshot = begun(["a", "b"])
    snapshot = applied(
        snapshot, failure(StepRef(snapshot.run.run_id, Stage.PROBE, recording_id("b"), 1))
    )

    snapshot = through(snapshot, "a")

    left_out = snapshot.recordings[1]
    assert left_out.state is State.FAILED
    assert left_out.failure is not None
    assert left_out.failure.reason == "BROKEN"
    assert only(snapshot).stage is Stage.BUILD


def test_a_run_fails_when_fewer_recordings_come_through_than_asked_for() -> None:
    snapshot = begun(["a", "b"], Options(min_success_ratio=0.75))
    snapshot = applied(
        snapshot, failure(StepRef(snapshot.run.run_id, Stage.PROBE, recording_id("b"), 1))
    )

    snapshot = through(snapshot, "a")

    assert snapshot.run.state is State.FAILED
    assert snapshot.run.failure is not None
    assert snapshot.run.failure.reason == "TOO_FEW_RECORDINGS"
    assert "1 of 2 recordings came through and 2 are needed" in snapshot.run.failure.message
    assert pending(snapshot, RULES) == ()


def test_a_run_of_one_recording_fails_for_its_reason() -> None:
    snapshot = begun(["talk.mp4"])

    snapshot = applied(snapshot, failure(only(snapshot)))

    assert snapshot.run.failure is not None
    assert snapshot.run.failure.reason == "BROKEN"
    assert "'talk.mp4'" in snapshot.run.failure.message


def test_a_retryable_failure_is_tried_again_a_few_times() -> None:
    snapshot, attempts = begun(), []
    while snapshot.run.state is State.RUNNING:
        step = only(snapshot)
        attempts.append(step.attempt)
        snapshot = applied(snapshot, failure(step, retryable=True))

    assert attempts == [1, 2, 3]


def test_a_build_that_fails_retryably_is_tried_again_and_then_fails_the_run() -> None:
    snapshot, attempts = through(begun()), []
    while snapshot.run.state is State.RUNNING:
        step = only(snapshot)
        attempts.append((step.stage, step.attempt))
        snapshot = applied(snapshot, failure(step, retryable=True))

    assert attempts == [(Stage.BUILD, 1), (Stage.BUILD, 2), (Stage.BUILD, 3)]
    assert snapshot.run.failure is not None
    assert snapshot.run.failure.stage is Stage.BUILD


def test_a_late_fact_of_an_old_attempt_changes_nothing() -> None:
    snapshot = begun()
    first = only(snapshot)
    snapshot = applied(snapshot, failure(first, retryable=True))

    assert applied(snapshot, success(first)) == snapshot
    assert applied(snapshot, failure(first)) == snapshot


def test_a_late_fact_of_a_cancelled_run_changes_nothing() -> None:
    snapshot = begun()
    step = only(snapshot)
    cancelled = replace(snapshot, run=flow.cancel(snapshot.run, NOW))

    assert applied(cancelled, success(step)) == cancelled
    assert pending(cancelled, RULES) == ()


def test_cancelling_an_ended_run_changes_nothing() -> None:
    ended = applied(through(begun()), success(only(through(begun())))).run

    assert flow.cancel(ended, NOW + timedelta(hours=1)) == ended


def test_a_fact_of_another_stage_changes_nothing() -> None:
    snapshot = begun()
    step = only(snapshot)

    assert applied(snapshot, Fact(step, Transcribed("artifact://x", "en", 3))) == snapshot


def test_a_retry_goes_on_where_each_recording_failed() -> None:
    snapshot, step = up_to(begun(["a.mp4"]), Stage.TRANSCRIBE)
    snapshot = applied(snapshot, failure(step))

    retried = Snapshot(
        flow.retry(snapshot.run), tuple(flow.retry_recording(it) for it in snapshot.recordings)
    )

    again = only(retried)
    assert (again.stage, again.attempt) == (Stage.TRANSCRIBE, 2)
    assert retried.run.state is State.RUNNING
    assert retried.run.failure is None


def test_a_retried_run_builds_in_a_new_attempt_that_an_old_fact_misses() -> None:
    snapshot = through(begun(["a.mp4"]))
    old = only(snapshot)
    snapshot = applied(snapshot, failure(old))
    retried = Snapshot(
        flow.retry(snapshot.run), tuple(flow.retry_recording(it) for it in snapshot.recordings)
    )

    assert only(retried).attempt == 2
    assert applied(retried, success(old)) == retried
    assert applied(retried, success(only(retried))).run.state is State.SUCCEEDED


def test_a_retry_gives_back_all_automatic_attempts() -> None:
    snapshot = begun()
    while snapshot.run.state is State.RUNNING:
        snapshot = applied(snapshot, failure(only(snapshot), retryable=True))
    retried = Snapshot(
        flow.retry(snapshot.run), tuple(flow.retry_recording(it) for it in snapshot.recordings)
    )

    after = applied(retried, failure(only(retried), retryable=True))

    assert after.run.state is State.RUNNING
    assert only(after).attempt == 5


@pytest.mark.parametrize(
    ("stage", "outcome", "reason"),
    [
        (Stage.PROBE, Probed("mp4", 5.0, ()), "NO_AUDIO_STREAM"),
        (Stage.EXTRACT, Extracted("artifact://x", 48_000, 0, 0.0), "NO_SAMPLES"),
        (Stage.EXTRACT, Extracted("artifact://x", 48_000, 47_000, 0.0), "AUDIO_TOO_SHORT"),
        (
            Stage.PREPARE,
            Prepared("artifact://x", "artifact://y", 0, 4, 0.0, 9.0, ()),
            "NO_USABLE_SPEECH",
        ),
        (Stage.TRANSCRIBE, Transcribed("artifact://x", "en", 0), "NO_WORDS"),
        (Stage.TRANSCRIBE, Transcribed("artifact://x", "es", 12), "WRONG_LANGUAGE"),
    ],
)
def test_a_result_that_the_next_stage_cannot_use_ends_the_recording(
    stage: Stage, outcome: Probed | Extracted | Prepared | Transcribed, reason: str
) -> None:
    snapshot, step = up_to(begun(["a.mp4"], Options(language_code="en-GB")), stage)

    (recording,) = applied(snapshot, Fact(step, outcome)).recordings

    assert recording.state is State.FAILED
    assert recording.failure is not None
    assert (recording.failure.reason, recording.failure.stage) == (reason, stage)


@given(data=st.data())
def test_any_order_and_repetition_of_facts_ends_alike_and_nothing_is_ever_stuck(
    data: st.DataObject,
) -> None:
    """Workers answer when they like; each answer may come several times and long after."""
    names = ["a", "b", "c", "d"]
    fates = {
        (name, stage): data.draw(st.sampled_from(["works"] * 6 + ["fails", "fails once"]))
        for name in names
        for stage in RECORDING_STAGES
    }
    by_id = {recording_id(name): name for name in names}

    def answer(step: StepRef) -> Fact:
        fate = "works" if not step.recording_id else fates[by_id[step.recording_id], step.stage]
        if fate == "fails":
            return failure(step)
        if fate == "fails once" and step.attempt == 1:
            return failure(step, retryable=True)
        return success(step)

    snapshot, answers = begun(names), set[Fact]()
    delivered: list[Fact] = []
    for _ in range(2_000):
        for step in pending(snapshot, RULES):
            answers.add(answer(step))
            if data.draw(st.booleans()):
                snapshot = applied(snapshot, Fact(step, Queued()))
        new = sorted(answers - set(delivered), key=repr)
        if not new:
            break
        fact = data.draw(st.sampled_from(new))
        delivered.append(fact)
        snapshot = applied(snapshot, fact)
        snapshot = applied(snapshot, data.draw(st.sampled_from(delivered)))

    came_through = {
        name for name in names if all(fates[name, each] != "fails" for each in RECORDING_STAGES)
    }
    assert snapshot.run.state is (State.SUCCEEDED if came_through else State.FAILED)
    assert {
        by_id[it.recording_id] for it in snapshot.recordings if it.state is State.SUCCEEDED
    } == came_through
    for fact in delivered:
        assert applied(snapshot, fact) == snapshot
