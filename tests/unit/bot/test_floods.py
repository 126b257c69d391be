"""Not answering a flood with a flood."""

from bot.floods import MOST_REMEMBERED, QUIET_SECONDS, Floods


def test_a_person_is_told_once_and_again_after_a_while() -> None:
    now = 100.0
    floods = Floods(lambda: now)
    assert floods.may_tell(1)
    assert not floods.may_tell(1)
    assert floods.may_tell(2)
    now += QUIET_SECONDS
    assert floods.may_tell(1)


def test_however_many_people_there_are_few_are_remembered() -> None:
    floods = Floods(lambda: 0.0)
    for user_id in range(MOST_REMEMBERED + 50):
        assert floods.may_tell(user_id)
    assert len(floods._told) == MOST_REMEMBERED
