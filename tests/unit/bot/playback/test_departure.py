"""When there is nothing to stay for."""

from bot.playback.departure import Departure, Reason
from bot.playback.rules import PlaybackRules

RULES = PlaybackRules(idle_leave_seconds=300, empty_leave_seconds=10)


def test_it_stays_while_somebody_listens_and_something_was_said_of_late() -> None:
    departure = Departure(0)
    assert departure.reason(299, is_busy=False, people_count=1, rules=RULES) is None


def test_it_leaves_when_nothing_was_said_for_long() -> None:
    departure = Departure(0)
    assert departure.reason(200, is_busy=True, people_count=1, rules=RULES) is None
    assert departure.reason(499, is_busy=False, people_count=1, rules=RULES) is None
    assert departure.reason(500, is_busy=False, people_count=1, rules=RULES) is Reason.IDLE


def test_it_leaves_an_empty_channel_even_while_it_speaks() -> None:
    departure = Departure(0)
    assert departure.reason(5, is_busy=True, people_count=0, rules=RULES) is None
    assert departure.reason(10, is_busy=True, people_count=0, rules=RULES) is Reason.ALONE


def test_who_comes_back_soon_finds_it_there() -> None:
    departure = Departure(0)
    assert departure.reason(9, is_busy=False, people_count=0, rules=RULES) is None
    assert departure.reason(9.5, is_busy=False, people_count=1, rules=RULES) is None
    assert departure.reason(19, is_busy=False, people_count=0, rules=RULES) is None
    assert departure.reason(19.5, is_busy=False, people_count=0, rules=RULES) is Reason.ALONE


def test_a_guild_may_keep_it_for_ever() -> None:
    rules = PlaybackRules(idle_leave_seconds=0)
    departure = Departure(0)
    assert departure.reason(1e6, is_busy=False, people_count=1, rules=rules) is None


def test_a_guild_may_keep_it_where_nobody_listens() -> None:
    rules = PlaybackRules(idle_leave_seconds=0, empty_leave_seconds=0)
    departure = Departure(0)
    assert departure.reason(1, is_busy=False, people_count=1, rules=rules) is None
    assert departure.reason(1e6, is_busy=False, people_count=0, rules=rules) is None
