"""Turns at a model: how many at once, who is next, who is refused."""

import asyncio
from functools import partial

import pytest
from prometheus_client import REGISTRY

from services.chassis.errors import OverloadedError
from services.inference.engines.engine import EngineKind, Priority
from services.inference.pool.admission import Admission, Patience
from tests.eventually import eventually

INTERACTIVE, BULK = Priority.INTERACTIVE, Priority.BULK


class Speakers:
    """Tasks that take turns and end when told to."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.order: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(
        self, name: str, priority: Priority = INTERACTIVE, *, has_begun: bool = False
    ) -> asyncio.Task[None]:
        ended = self._ends[name] = asyncio.Event()

        async def speak() -> None:
            async with self.admission.turn(priority, has_begun=has_begun):
                self.order.append(name)
                await ended.wait()

        self._tasks[name] = asyncio.create_task(speak())
        await asyncio.sleep(0)
        return self._tasks[name]

    async def leave(self, name: str) -> None:
        self._ends[name].set()
        await self._tasks[name]
        await asyncio.sleep(0)


def admission(slot_count: int = 1, patience: Patience | None = None) -> Admission:
    return Admission(EngineKind.VITS, slot_count, patience or Patience())


async def test_as_many_speak_at_once_as_there_are_slots() -> None:
    speakers = Speakers(admission(2))
    for name in "abc":
        await speakers.come(name)
    assert speakers.order == ["a", "b"]
    assert speakers.admission.active_count == 2
    assert speakers.admission.waiting_count == 1
    for name in "abc":
        await speakers.leave(name)
    assert speakers.order == ["a", "b", "c"]
    assert speakers.admission.active_count == 0


async def test_the_interactive_go_first_and_those_who_have_begun_before_the_new() -> None:
    speakers = Speakers(admission())
    await speakers.come("first")
    await speakers.come("bulk, new", BULK)
    await speakers.come("bulk, begun", BULK, has_begun=True)
    await speakers.come("interactive, new")
    await speakers.come("interactive, begun", has_begun=True)
    for name in ("first", "interactive, begun", "interactive, new", "bulk, begun", "bulk, new"):
        assert speakers.order[-1] == name
        await speakers.leave(name)


async def test_more_than_may_wait_are_refused_and_told_when_to_come_back() -> None:
    speakers = Speakers(admission(1, Patience(max_waiting_streams=1)))
    await speakers.come("speaks")
    await speakers.come("waits")
    before = _rejected("QUEUE_FULL")
    with pytest.raises(OverloadedError, match="as many wait already as may") as refused:
        await (await speakers.come("refused"))
    assert refused.value.reason == "QUEUE_FULL"
    assert refused.value.retry_after_seconds
    assert refused.value.retry_after_seconds >= 0.5
    assert _rejected("QUEUE_FULL") == before + 1
    await speakers.leave("speaks")
    await speakers.leave("waits")
    assert speakers.order == ["speaks", "waits"]


async def test_who_has_begun_is_never_refused() -> None:
    speakers = Speakers(admission(1, Patience(max_waiting_streams=0)))
    await speakers.come("speaks")
    await speakers.come("has begun", has_begun=True)
    await speakers.leave("speaks")
    assert speakers.order == ["speaks", "has begun"]
    await speakers.leave("has begun")


async def test_who_waited_too_long_is_refused_and_leaves_no_trace() -> None:
    turns = admission(1, Patience(interactive_seconds=0.01))
    speakers = Speakers(turns)
    await speakers.come("speaks")
    with pytest.raises(OverloadedError, match="none became free in time") as refused:
        await (await speakers.come("waits"))
    assert refused.value.reason == "WAITED_TOO_LONG"
    assert turns.waiting_count == 0
    await speakers.leave("speaks")
    assert turns.active_count == 0


async def test_a_cancelled_waiter_passes_its_turn_on() -> None:
    speakers = Speakers(admission())
    await speakers.come("speaks")
    gone = await speakers.come("gives up")
    await speakers.come("next")
    # It gets its turn and is cancelled in the same moment.
    speakers._ends["speaks"].set()
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    await eventually(lambda: speakers.order == ["speaks", "next"])
    await speakers.leave("next")
    assert speakers.admission.active_count == 0


async def test_the_time_to_come_back_grows_with_the_queue_and_with_what_turns_take() -> None:
    now = 0.0
    turns = Admission(EngineKind.VITS, 2, Patience(), lambda: now)
    quick = turns.retry_after_seconds
    for _ in range(30):
        async with turns.turn(INTERACTIVE):
            now += 10
    slow = turns.retry_after_seconds
    assert quick == pytest.approx(1.0)
    assert slow == pytest.approx(5, rel=0.05)
    speakers = Speakers(turns)
    for name in "abc":
        await speakers.come(name)
    assert turns.retry_after_seconds == pytest.approx(2 * slow)
    for name in "abc":
        await speakers.leave(name)


async def test_spare_turns_take_what_nobody_else_wants() -> None:
    turns = admission(2)
    speakers = Speakers(turns)
    await speakers.come("speaks")
    spare = turns.spare_turn(BULK)
    assert spare
    assert turns.spare_turn(INTERACTIVE) is None
    turns.give_back(spare)
    assert turns.spare_turn_count == 0
    await speakers.come("speaks too")
    await speakers.come("waits")
    assert turns.spare_turn(INTERACTIVE) is None
    for name in ("speaks", "speaks too", "waits"):
        await speakers.leave(name)


async def test_who_comes_takes_spare_turns_at_once_bulk_ones_first_and_the_last_of_them() -> None:
    turns = admission(4, Patience(max_waiting_streams=0))
    taken: list[str] = []
    spare = {
        "interactive": turns.spare_turn(INTERACTIVE),
        "bulk, first": turns.spare_turn(BULK),
        "bulk, last": turns.spare_turn(BULK),
    }
    for name, turn in spare.items():
        assert turn
        turn.give_way = partial(taken.append, name)
    speakers = Speakers(turns)
    for name, expected in (
        ("a", []),
        ("b", ["bulk, last"]),
        ("c", ["bulk, last", "bulk, first"]),
        ("d", ["bulk, last", "bulk, first", "interactive"]),
    ):
        await speakers.come(name)
        assert speakers.order[-1] == name
        assert taken == expected
    for turn in spare.values():
        assert turn
        assert not turns.keep(turn)
        turns.give_back(turn)  # changes nothing: it has none
    assert (turns.active_count, turns.spare_turn_count) == (4, 0)
    for name in "abcd":
        await speakers.leave(name)
    assert turns.active_count == 0


async def test_a_spare_turn_that_is_kept_is_one_like_any_other() -> None:
    turns = admission(1)
    spare = turns.spare_turn(BULK)
    assert spare
    assert turns.keep(spare)
    assert not turns.keep(spare)
    assert (turns.active_count, turns.spare_turn_count) == (1, 0)
    speakers = Speakers(turns)
    await speakers.come("waits")
    assert speakers.order == []
    turns.give_back(spare)
    turns.give_back(spare)  # once is enough
    await asyncio.sleep(0)
    assert speakers.order == ["waits"]
    await speakers.leave("waits")
    assert turns.active_count == 0


def _rejected(reason: str) -> float:
    name = "ttstrainer_inference_rejected_streams_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0.0
