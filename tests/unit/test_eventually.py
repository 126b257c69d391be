import pytest

from tests.eventually import eventually


async def test_it_returns_the_first_true_value_of_a_plain_condition() -> None:
    answers = iter([0, "", "ready"])

    assert await eventually(lambda: next(answers)) == "ready"


async def test_it_awaits_an_async_condition() -> None:
    async def ready() -> int:
        return 3

    assert await eventually(ready) == 3


async def test_it_fails_with_the_last_value_when_time_is_up() -> None:
    with pytest.raises(AssertionError, match=r"still 0 after 0.01 s"):
        await eventually(lambda: 0, within_seconds=0.01)
