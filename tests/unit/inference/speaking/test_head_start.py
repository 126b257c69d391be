"""An utterance that is made before its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from services.chassis.errors import OverloadedError, UnavailableError
from services.inference.engines.engine import EngineKind, FinishReason, Priority, Utterance
from services.inference.pool.admission import Admission, Patience
from services.inference.speaking.head_start import HeadStart
from tests.eventually import eventually
from tests.fakes.fake_engine import FakeEngine, hum

UTTERANCE = Utterance("This is a sentence.", "en", priority=Priority.BULK)


class Model:
    """An engine, and turns at it."""

    def __init__(self, *, is_held: bool = False) -> None:
        self.engine = FakeEngine(slot_count=2, is_held=is_held)
        self.admission = Admission(EngineKind.VITS, 2, Patience())

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[HeadStart]:
        turn = self.admission.spare_turn(Priority.BULK)
        assert turn
        head_start = HeadStart(self.engine, UTTERANCE, self.admission, turn)
        try:
            yield head_start
        finally:
            await head_start.aclose()

    @property
    def counts(self) -> tuple[int, int, int]:
        """Turns, spare turns, streams of the engine."""
        turns = self.admission
        return turns.active_count, turns.spare_turn_count, len(self.engine.open_streams)


async def test_it_is_made_without_being_read_and_then_gives_its_slot_back() -> None:
    model = Model()
    async with model.begun() as head_start:
        await eventually(lambda: head_start.finish_reason is FinishReason.COMPLETE)
        await eventually(lambda: model.counts == (0, 0, 0))
        assert head_start.keep()
        samples = np.concatenate([piece.samples async for piece in head_start])
        assert np.array_equal(samples, hum(UTTERANCE))
        assert head_start.made_samples == len(samples)
    assert model.counts == (0, 0, 0)


async def test_who_comes_takes_its_slot_and_it_must_be_made_anew() -> None:
    model = Model(is_held=True)
    async with model.begun() as head_start:
        await eventually(lambda: model.counts == (0, 1, 1))
        async with model.admission.turn(Priority.BULK), model.admission.turn(Priority.BULK):
            assert model.counts[:2] == (2, 0)
            assert not head_start.keep()
            await eventually(lambda: not model.engine.open_streams)
        assert not head_start.keep()


async def test_its_slot_can_be_taken_before_it_has_begun() -> None:
    model = Model()
    async with model.begun() as head_start:
        async with model.admission.turn(Priority.BULK), model.admission.turn(Priority.BULK):
            await asyncio.sleep(0)
        assert not head_start.keep()
    assert model.engine.opened == []
    assert model.counts == (0, 0, 0)


async def test_what_is_kept_goes_on_whoever_comes() -> None:
    model = Model(is_held=True)
    async with model.begun() as head_start:
        await eventually(lambda: model.engine.open_streams)
        assert head_start.keep()
        async with model.admission.turn(Priority.INTERACTIVE):
            waiting = asyncio.create_task(_take_turn(model.admission))
            await eventually(lambda: model.admission.waiting_count == 1)
            model.engine.going.set()
            samples = np.concatenate([piece.samples async for piece in head_start])
            await waiting
        assert np.array_equal(samples, hum(UTTERANCE))
    assert model.counts == (0, 0, 0)


async def test_what_failed_must_be_made_anew() -> None:
    model = Model()
    model.engine.failure = OverloadedError("No memory.", reason="OUT_OF_MEMORY")
    async with model.begun() as head_start:
        await eventually(lambda: model.counts == (0, 0, 0) and model.engine.opened)
        assert not head_start.keep()


async def test_what_fails_after_it_was_kept_is_told_after_what_was_made() -> None:
    model = Model(is_held=True)
    async with model.begun() as head_start:
        await asyncio.sleep(0)
        assert head_start.keep()
        model.engine.failure = UnavailableError("The engine died.")
        model.engine.going.set()
        with pytest.raises(UnavailableError):
            await anext(head_start)
    assert model.counts == (0, 0, 0)


async def test_to_close_it_ends_it_at_once() -> None:
    model = Model(is_held=True)
    async with model.begun() as head_start:
        await eventually(lambda: model.engine.open_streams)
        await head_start.aclose()
        assert model.counts == (0, 0, 0)


async def _take_turn(admission: Admission) -> None:
    async with admission.turn(Priority.INTERACTIVE):
        pass
