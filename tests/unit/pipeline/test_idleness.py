"""How long runs rest."""

from datetime import timedelta

from services.pipeline.idleness import Idleness
from tests.fakes.pipeline import NOW


def look(idleness: Idleness, seconds: float, **known: object) -> float:
    return idleness.look(known, NOW + timedelta(seconds=seconds))


def test_no_run_rests_where_there_is_none() -> None:
    assert look(Idleness(), 0) == 0


def test_a_run_that_stays_the_same_rests_ever_longer() -> None:
    idleness = Idleness()
    assert look(idleness, 0, a="transcribing 0.2") == 0
    assert look(idleness, 30, a="transcribing 0.2") == 30
    assert look(idleness, 90, a="transcribing 0.2") == 90


def test_any_progress_ends_the_rest() -> None:
    idleness = Idleness()
    look(idleness, 0, a="transcribing 0.2")
    assert look(idleness, 30, a="transcribing 0.3") == 0


def test_the_run_that_rests_longest_counts() -> None:
    idleness = Idleness()
    look(idleness, 0, a=1, b=1)
    assert look(idleness, 30, a=2, b=1) == 30
    assert look(idleness, 40, a=2) == 10, "b has ended"
