"""How much members and guilds may have read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import BURST_SECONDS, Limits, Rates

GUILD, OTHER_GUILD = 10, 20
ADA, BOB = 1, 2


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock, *, member: int = 60, guild: int = 600, most: int = 1000) -> Limits:
    return Limits(lambda _: Rates(member, guild), clock, most_remembered=most)


def taken(limits: Limits, guild_id: int, user_id: int, tries: int) -> int:
    return sum(limits.take(guild_id, user_id) == 0.0 for _ in range(tries))


def test_a_burst_is_let_through_and_then_one_has_to_wait() -> None:
    clock = Clock()
    tested = limits(clock, member=60)
    assert taken(tested, GUILD, ADA, 200) == 15
    wait = tested.take(GUILD, ADA)
    assert wait == pytest.approx(1.0)
    clock.now += wait + 1e-6
    assert tested.take(GUILD, ADA) == 0.0
    assert tested.take(GUILD, ADA) > 0.0


def test_over_a_minute_no_more_is_let_through_than_a_burst_and_a_minutes_worth() -> None:
    clock = Clock()
    tested = limits(clock, member=60)
    count = 0
    for _ in range(6000):
        count += tested.take(GUILD, ADA) == 0.0
        clock.now += 0.01
    assert count in {74, 75}


def test_members_do_not_use_up_what_others_may() -> None:
    tested = limits(Clock(), member=60, guild=600)
    taken(tested, GUILD, ADA, 200)
    assert tested.take(GUILD, BOB) == 0.0
    assert tested.take(OTHER_GUILD, ADA) == 0.0


def test_a_guild_has_a_limit_of_its_own() -> None:
    tested = limits(Clock(), member=60, guild=60)
    assert taken(tested, GUILD, ADA, 10) + taken(tested, GUILD, BOB, 10) == 15
    assert tested.take(GUILD, 3) > 0.0
    assert tested.take(OTHER_GUILD, 3) == 0.0


def test_who_is_refused_for_the_guild_has_lost_nothing_of_their_own() -> None:
    clock = Clock()
    tested = limits(clock, member=4, guild=60)
    for user_id in range(100, 115):
        assert tested.take(GUILD, user_id) == 0.0
    assert tested.take(GUILD, ADA) == pytest.approx(1.0)
    clock.now += 1.0
    assert tested.take(GUILD, ADA) == 0.0


def test_the_slowest_rate_lets_one_message_through_at_once() -> None:
    tested = limits(Clock(), member=1)
    assert taken(tested, GUILD, ADA, 5) == 1


def test_a_changed_rate_counts_at_once() -> None:
    clock, rate = Clock(), [60]
    tested = Limits(lambda _: Rates(rate[0], 1000), clock)
    taken(tested, GUILD, ADA, 200)
    rate[0] = 1
    assert tested.take(GUILD, ADA) == pytest.approx(60.0)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    clock = Clock()
    tested = limits(clock, member=60)
    taken(tested, GUILD, ADA, 200)
    clock.now -= 500
    assert tested.take(GUILD, ADA) == pytest.approx(1.0)


def test_memory_is_bounded_and_who_was_silent_for_longest_is_forgotten() -> None:
    tested = limits(Clock(), member=4, guild=1000, most=100)
    for user_id in range(1000):
        tested.take(user_id % 150, user_id)
    assert len(tested._members) == len(tested._guilds) == 100
    assert tested.take(999 % 150, 999) > 0.0, "the last one is remembered"


@given(
    st.integers(1, 300),
    st.integers(1, 1000),
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 5)), max_size=150),
)
def test_nobody_gets_more_than_the_rate_and_a_wait_is_never_in_vain(
    member: int, guild: int, asked: list[tuple[int, float]]
) -> None:
    clock = Clock()
    tested = limits(clock, member=member, guild=guild)
    counts: dict[int, int] = {}
    for user_id, later in asked:
        clock.now += later
        wait = tested.take(GUILD, user_id)
        if wait:
            clock.now += wait + 1e-6
            assert tested.take(GUILD, user_id) == 0.0
        counts[user_id] = counts.get(user_id, 0) + 1
    passed = clock.now - 1000.0 + BURST_SECONDS
    assert all(count <= max(1, passed * member / 60) + 1 for count in counts.values())
    assert sum(counts.values()) <= max(1, passed * guild / 60) + 1
