"""Users take turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playback.fair_queue import FairQueue, QueueFullError


def queue_of(*words: str, limit: int = 100, limit_per_user: int = 100) -> FairQueue[str]:
    queue = FairQueue[str]()
    for word in words:
        queue.put(ord(word[0]), word, limit=limit, limit_per_user=limit_per_user)
    return queue


def drained(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (item := queue.take()) is not None:
        taken.append(item)
    return taken


def test_one_user_is_served_in_order() -> None:
    assert drained(queue_of("a1", "a2", "a3")) == ["a1", "a2", "a3"]


def test_who_comes_later_waits_for_one_item_of_who_came_first() -> None:
    assert drained(queue_of("a1", "a2", "a3", "b1", "c1", "b2")) == [
        "a1", "b1", "c1", "a2", "b2", "a3",
    ]  # fmt: skip


def test_who_was_served_goes_to_the_end() -> None:
    queue = queue_of("a1", "a2", "b1")
    assert queue.take() == "a1"
    queue.put(ord("a"), "a3", limit=10, limit_per_user=10)
    assert list(queue) == ["b1", "a2", "a3"]


def test_one_user_cannot_take_all_the_room() -> None:
    queue = queue_of("a1", "a2", limit=3, limit_per_user=2)
    with pytest.raises(QueueFullError, match="2 messages of yours") as refusal:
        queue.put(ord("a"), "a3", limit=3, limit_per_user=2)
    assert refusal.value.is_own
    queue.put(ord("b"), "b1", limit=3, limit_per_user=2)
    with pytest.raises(QueueFullError, match="3 messages wait") as refusal:
        queue.put(ord("c"), "c1", limit=3, limit_per_user=2)
    assert not refusal.value.is_own
    assert list(queue) == ["a1", "b1", "a2"]


def test_a_user_can_take_back_what_waits() -> None:
    queue = queue_of("a1", "b1", "a2", "b2")
    assert queue.remove(ord("a")) == ["a1", "a2"]
    assert queue.remove(ord("z")) == []
    assert drained(queue) == ["b1", "b2"]


def test_all_of_it_can_be_removed() -> None:
    queue = queue_of("a1", "a2", "b1")
    assert queue.remove() == ["a1", "b1", "a2"]
    assert not queue
    assert queue.take() is None


@given(st.lists(st.sampled_from(["put a", "put b", "put c", "take"]), max_size=60))
def test_it_is_always_spoken_in_the_order_that_it_shows(actions: list[str]) -> None:
    queue, served = FairQueue[str](), list[str]()
    for number, action in enumerate(actions):
        shown = list(queue)
        assert len(shown) == len(queue)
        if action == "take":
            item = queue.take()
            assert item == (shown[0] if shown else None)
            assert list(queue) == shown[1:], "a turn changes nothing for the others"
            served += [item] if item else []
        else:
            word = f"{action[-1]}{number:02}"
            queue.put(ord(word[0]), word, limit=100, limit_per_user=100)
    served += drained(queue)
    for user in "abc":
        own = [word for word in served if word[0] == user]
        assert own == sorted(own)
