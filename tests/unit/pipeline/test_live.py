"""What is known of running steps in memory alone."""

from services.pipeline.live import Live
from services.pipeline.run_model import Stage, StepRef

FIRST = StepRef("run-1", Stage.PREPARE, "a", 1)
SECOND = StepRef("run-1", Stage.PREPARE, "b", 1)
FULL = "The disk is full."
TOLD = ["prepare is tried again: The disk is full."]


def test_why_steps_are_tried_again_is_told_once_until_the_last_goes_on() -> None:
    live = Live()
    live.put_back(FIRST, FULL)
    live.put_back(SECOND, FULL)
    assert live.troubles_of("run-1") == TOLD
    assert live.troubles_of("run-2") == []
    live.progressed(FIRST, 0.1)
    assert live.troubles_of("run-1") == TOLD
    live.forget(SECOND)
    assert live.troubles_of("run-1") == []


def test_who_watches_a_run_hears_of_its_troubles() -> None:
    live, heard = Live(), list[str]()
    with live.listening("run-1", heard.append):
        live.put_back(FIRST, FULL)
        assert "" in heard, "the run as a whole changed"
        heard.clear()
        live.put_back(FIRST, FULL)
        assert "" not in heard
        live.progressed(FIRST, 0.1)
        assert "" in heard


def test_a_step_that_was_put_back_waits_again() -> None:
    live = Live()
    live.progressed(FIRST, 0.5)
    live.put_back(FIRST, FULL)
    assert not live.has_begun(FIRST)
