"""How far a run has come."""

import pytest

from services.pipeline.flow import Rules, apply, pending
from services.pipeline.progress import ratio_of
from services.pipeline.run_model import Snapshot, Stage, State, StepRef
from tests.fakes.pipeline import NOW, begun, failure, success

RULES = Rules()


def nothing_heard(step: StepRef) -> float:
    return 0.0


def led_to(snapshot: Snapshot, stage: Stage) -> Snapshot:
    while (step := pending(snapshot, RULES)[0]).stage is not stage:
        snapshot = apply(snapshot, success(step), RULES, NOW)
    return snapshot


def test_a_new_run_has_not_come_far() -> None:
    assert ratio_of(begun(), nothing_heard) == 0


def test_a_run_of_one_recording_goes_by_the_cost_of_its_steps() -> None:
    assert ratio_of(led_to(begun(), Stage.PREPARE), nothing_heard) == pytest.approx(0.05)
    assert ratio_of(led_to(begun(), Stage.TRANSCRIBE), nothing_heard) == pytest.approx(0.40)
    assert ratio_of(led_to(begun(), Stage.VERIFY), nothing_heard) == pytest.approx(0.85)
    assert ratio_of(led_to(begun(), Stage.BUILD), nothing_heard) == pytest.approx(0.95)


def test_what_a_worker_reports_counts() -> None:
    halfway = ratio_of(led_to(begun(), Stage.TRANSCRIBE), lambda _: 0.5)

    assert halfway == pytest.approx(0.40 + 0.45 / 2 + 0.05 / 2)


def test_progress_never_goes_back_and_ends_at_one() -> None:
    snapshot, ratios = begun(["a", "b", "c"]), [0.0]
    while snapshot.run.state is State.RUNNING:
        snapshot = apply(snapshot, success(pending(snapshot, RULES)[0]), RULES, NOW)
        ratios.append(ratio_of(snapshot, nothing_heard))

    assert ratios == sorted(ratios)
    assert ratios[-1] == 1


def test_a_recording_that_was_left_out_holds_nothing_up() -> None:
    snapshot = begun(["a", "b"])
    for step in pending(snapshot, RULES):
        snapshot = apply(snapshot, failure(step), RULES, NOW)

    assert ratio_of(snapshot, nothing_heard) == pytest.approx(0.95)
