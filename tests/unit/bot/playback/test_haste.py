"""A long queue is spoken faster."""

from hypothesis import given
from hypothesis import strategies as st

from bot.playback.haste import FASTEST, MOST_HASTE, SLOWEST, UNHURRIED_COUNT, haste, hastened


def test_a_short_queue_is_not_hurried() -> None:
    assert [haste(count) for count in range(UNHURRIED_COUNT + 1)] == [1.0, 1.0, 1.0]


@given(st.integers(0, 1000))
def test_the_more_wait_the_faster_up_to_what_can_be_followed(count: int) -> None:
    assert haste(count) <= haste(count + 1) <= MOST_HASTE
    assert haste(20) == MOST_HASTE


@given(st.floats(SLOWEST, FASTEST), st.integers(0, 100))
def test_the_speed_stays_within_what_the_service_takes(speed: float, count: int) -> None:
    assert speed <= hastened(speed, count) <= FASTEST
