"""When a stream may begin a sentence before its time."""

from dataclasses import replace

import pytest

from services.inference.speaking.pace import Pace, Progress, may_look_ahead

PACE = Pace(
    min_lead_seconds=2, max_lead_seconds=10, max_sentence_seconds=60, sentence_pause_seconds=0.5
)
WELL_AHEAD = Progress(unread_seconds=0, lead_seconds=5, remaining_seconds=3600)


def may(progress: Progress, *, is_heard: bool, slot_count: int = 4) -> bool:
    return may_look_ahead(PACE, progress, slot_count, is_heard=is_heard)


@pytest.mark.parametrize(("lead_seconds", "expected"), [(0, False), (1.9, False), (2, True)])
def test_where_somebody_listens_something_must_be_in_hand(
    lead_seconds: float, expected: bool
) -> None:
    assert may(replace(WELL_AHEAD, lead_seconds=lead_seconds), is_heard=True) is expected


def test_where_somebody_listens_it_is_one_sentence() -> None:
    assert not may(replace(WELL_AHEAD, ahead_count=1), is_heard=True)


def test_where_nobody_listens_it_is_as_many_as_there_are_slots_from_the_start() -> None:
    assert may(replace(WELL_AHEAD, lead_seconds=0), is_heard=False)
    assert may(replace(WELL_AHEAD, ahead_count=20), is_heard=False)


def test_what_waits_in_memory_is_bounded_by_the_slots() -> None:
    assert may(replace(WELL_AHEAD, ahead_count=4, ahead_seconds=40), is_heard=False, slot_count=4)
    assert not may(
        replace(WELL_AHEAD, ahead_count=4, ahead_seconds=40.1), is_heard=False, slot_count=4
    )


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_reader_who_is_far_behind_is_enough_in_hand(is_heard: bool) -> None:
    behind = replace(WELL_AHEAD, unread_seconds=10, lead_seconds=10)
    assert may(behind, is_heard=is_heard)
    assert not may(replace(behind, unread_seconds=10.1), is_heard=is_heard)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_sentence_that_might_not_fit_in_whole_waits_for_its_time(is_heard: bool) -> None:
    two = replace(WELL_AHEAD, remaining_seconds=2 * 60.5)
    assert may(two, is_heard=is_heard)
    assert not may(replace(two, remaining_seconds=2 * 60.5 - 0.1), is_heard=is_heard)
    assert not may(replace(two, ahead_count=1), is_heard=False)
