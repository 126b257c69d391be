"""Reading what is to be spoken before its time, and beginning some of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import EngineKind, Priority, Utterance
from services.inference.pool.admission import Admission, Patience
from services.inference.speaking.ahead import LookAhead, Take
from services.inference.speaking.head_start import HeadStart
from services.inference.speaking.script import Line
from tests.eventually import eventually
from tests.fakes.fake_engine import FakeEngine


class Beginner:
    """Begins as many takes as a test allows."""

    def __init__(self, allowed_count: int) -> None:
        self.allowed_count = allowed_count
        self.engine = FakeEngine(is_held=True)
        self.admission = Admission(EngineKind.VITS, 100, Patience())
        self.read: list[str] = []

    async def lines(self, *texts: str) -> AsyncIterator[Line]:
        for number, text in enumerate(texts):
            self.read.append(text)
            yield Line(tuple(text.split("|")), number, 1)

    def begin(self, take: Take, begun: Sequence[HeadStart]) -> HeadStart | None:
        turn = self.admission.spare_turn(Priority.BULK)
        if len(begun) >= self.allowed_count or turn is None:
            return None
        return HeadStart(self.engine, Utterance(take.text, "en"), self.admission, turn)


async def test_takes_come_in_order_and_count_the_parts_of_lines() -> None:
    beginner = Beginner(0)
    lines = beginner.lines("one", "two|three", "four")
    async with aclosing(LookAhead(lines, beginner.begin)) as takes:
        heard = [(take.line.text_offset, take.text, take.index) async for take in takes]
    assert heard == [(0, "one", 0), (1, "two", 1), (1, "three", 2), (2, "four", 3)]


async def test_nothing_is_read_after_a_take_that_may_not_begin() -> None:
    beginner = Beginner(1)
    lines = beginner.lines("one", "two", "three", "four")
    async with aclosing(LookAhead(lines, beginner.begin)) as takes:
        await eventually(lambda: [one.text for one in beginner.engine.opened] == ["one"])
        assert beginner.read == ["one", "two"]
        beginner.allowed_count = 2
        takes.move()
        await eventually(lambda: len(beginner.engine.opened) == 2)
        assert beginner.read == ["one", "two", "three"]
        first = await anext(takes)
        assert first.head_start
        await eventually(lambda: len(beginner.engine.opened) == 3)


async def test_a_take_whose_time_comes_first_has_no_head_start() -> None:
    beginner = Beginner(0)
    lines = beginner.lines("one", "two")
    async with aclosing(LookAhead(lines, beginner.begin)) as takes:
        first = await anext(takes)
        beginner.allowed_count = 1
        takes.move()
        await eventually(lambda: beginner.engine.opened)
        assert first.head_start is None
        assert (await anext(takes)).head_start


async def test_what_the_text_is_refused_for_is_raised_after_what_came_before() -> None:
    async def lines() -> AsyncIterator[Line]:
        yield Line(("one",), 0, 1)
        message = "It is too long."
        raise InvalidInputError(message)

    async with aclosing(LookAhead(lines(), Beginner(0).begin)) as takes:
        assert (await anext(takes)).text == "one"
        with pytest.raises(InvalidInputError):
            await anext(takes)


async def test_to_close_it_ends_the_reading_and_everything_that_was_begun() -> None:
    beginner = Beginner(2)
    was_closed = False

    async def lines() -> AsyncIterator[Line]:
        nonlocal was_closed
        try:
            for text in ("one", "two"):
                yield Line((text,), 0, 1)
            await asyncio.get_running_loop().create_future()
        finally:
            was_closed = True

    async with aclosing(LookAhead(lines(), beginner.begin)) as takes:
        await eventually(lambda: len(beginner.engine.open_streams) == 2)
        await anext(takes)  # its head start is closed as well
    assert was_closed
    assert beginner.engine.open_streams == set()
    await eventually(lambda: beginner.admission.spare_turn_count == 0)
