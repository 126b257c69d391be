"""When a stream may begin a sentence before its time."""

from dataclasses import replace

import pytest

from services.inference.engines.engine import Priority
from services.inference.speaking.pace import Pace, Progress, may_look_ahead

INTERACTIVE, BULK = Priority.INTERACTIVE, Priority.BULK
PACE = Pace(
    min_lead_seconds=2, max_lead_seconds=10, max_sentence_seconds=60, sentence_pause_seconds=0.5
)
WELL_AHEAD = Progress(unread_seconds=0, lead_seconds=5, remaining_seconds=3600)


def may(priority: Priority, progress: Progress, slot_count: int = 4) -> bool:
    return may_look_ahead(priority, PACE, progress, slot_count)


@pytest.mark.parametrize(("lead_seconds", "expected"), [(0, False), (1.9, False), (2, True)])
def test_where_somebody_listens_something_must_be_in_hand(
    lead_seconds: float, expected: bool
) -> None:
    assert may(INTERACTIVE, replace(WELL_AHEAD, lead_seconds=lead_seconds)) is expected


def test_where_somebody_listens_it_is_one_sentence() -> None:
    assert not may(INTERACTIVE, replace(WELL_AHEAD, ahead_count=1))


def test_where_nobody_listens_it_is_as_many_as_there_are_slots_from_the_start() -> None:
    assert may(BULK, replace(WELL_AHEAD, lead_seconds=0))
    assert may(BULK, replace(WELL_AHEAD, ahead_count=20))


def test_what_waits_in_memory_is_bounded_by_the_slots() -> None:
    assert may(BULK, replace(WELL_AHEAD, ahead_count=4, ahead_seconds=40), slot_count=4)
    assert not may(BULK, replace(WELL_AHEAD, ahead_count=4, ahead_seconds=40.1), slot_count=4)


@pytest.mark.parametrize("priority", Priority)
def test_a_reader_who_is_far_behind_is_enough_in_hand(priority: Priority) -> None:
    behind = replace(WELL_AHEAD, unread_seconds=10, lead_seconds=10)
    assert may(priority, behind)
    assert not may(priority, replace(behind, unread_seconds=10.1))


@pytest.mark.parametrize("priority", Priority)
def test_a_sentence_that_might_not_fit_in_whole_waits_for_its_time(priority: Priority) -> None:
    two = replace(WELL_AHEAD, remaining_seconds=2 * 60.5)
    assert may(priority, two)
    assert not may(priority, replace(two, remaining_seconds=2 * 60.5 - 0.1))
    assert not may(BULK, replace(two, ahead_count=1))
