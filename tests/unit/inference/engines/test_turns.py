"""One thread speaks for many: in turn, the urgent first, and nobody's fault is another's."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

from services.chassis.errors import (
    InvalidInputError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)
from services.inference.engines.engine import FinishReason, Priority, Samples
from services.inference.engines.streams import EngineStream
from services.inference.engines.turns import Speech, Turns
from tests.eventually import eventually

INTERACTIVE, BULK = Priority.INTERACTIVE, Priority.BULK


class Stage:
    """Turns, and a record of what its thread did; speeches start when the gate opens."""

    def __init__(self, slot_count: int) -> None:
        self.turns = Turns(slot_count, "test")
        self.gate = threading.Event()
        self.made: list[str] = []

    def speak(
        self,
        name: str,
        *lengths: int,
        priority: Priority = INTERACTIVE,
        error: BaseException | None = None,
        pause: threading.Event | None = None,
    ) -> EngineStream:
        """Opens an utterance of pieces of these lengths, and then perhaps an error.

        `pause` is waited for before the second piece.
        """

        def pieces() -> Iterator[Samples]:
            for index, length in enumerate(lengths):
                if index == 1 and pause is not None:
                    assert pause.wait(10)
                self.made.append(name)
                yield np.zeros(length, dtype=np.float32)
            if error is not None:
                raise error

        def begin() -> Speech:
            assert self.gate.wait(10)
            self.made.append(f"begin {name}")
            return Speech(pieces(), FinishReason.COMPLETE)

        return self.turns.open(begin, priority)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """One slot."""
    one = Stage(1)
    yield one
    one.gate.set()
    await one.turns.aclose()


@pytest.fixture
async def two_slots() -> AsyncIterator[Stage]:
    two = Stage(2)
    yield two
    two.gate.set()
    await two.turns.aclose()


async def lengths_of(stream: EngineStream) -> list[int]:
    return [len(piece.samples) async for piece in stream]


async def held(stage: Stage) -> EngineStream:
    """Takes the thread, so that whatever is opened next waits until the gate opens."""
    first = stage.speak("first", 1)
    await eventually(lambda: not stage.turns._utterances.waiting)
    return first


async def test_the_pieces_of_an_utterance_come_in_order_with_the_reason_of_its_end(
    stage: Stage,
) -> None:
    stage.gate.set()
    stream = stage.speak("one", 5, 7, 9)

    assert await lengths_of(stream) == [5, 7, 9]
    assert stream.finish_reason is FinishReason.COMPLETE


async def test_the_interactive_go_before_the_bulk_that_came_before_them(stage: Stage) -> None:
    await held(stage)
    bulk = stage.speak("bulk", 1, priority=BULK)
    late = stage.speak("interactive", 1)
    stage.gate.set()
    await lengths_of(bulk)
    await lengths_of(late)

    assert [name for name in stage.made if "begin" not in name] == ["first", "interactive", "bulk"]


async def test_no_more_speak_at_once_than_there_are_slots(two_slots: Stage) -> None:
    streams = [two_slots.speak(name, 10, 10) for name in ("a", "b", "c")]
    two_slots.gate.set()
    for stream in streams:
        await lengths_of(stream)

    ends = [_last(two_slots.made, name) for name in ("a", "b")]
    assert two_slots.made.index("begin b") < min(ends) < two_slots.made.index("begin c")


async def test_whoever_has_least_to_listen_to_goes_next(two_slots: Stage) -> None:
    long = two_slots.speak("long", 100, 100)
    short = two_slots.speak("short", 10, 10, 10)
    two_slots.gate.set()
    await lengths_of(long)
    await lengths_of(short)

    spoken = [name for name in two_slots.made if "begin" not in name]
    assert spoken == ["long", "short", "short", "short", "long"]


async def test_a_cancelled_utterance_stops_and_leaves_its_slot_to_the_next(stage: Stage) -> None:
    stage.gate.set()
    pause = threading.Event()
    cancelled = stage.speak("cancelled", 1, 1, 1, 1, pause=pause)
    following = stage.speak("following", 3)
    await anext(cancelled)

    await cancelled.aclose()
    pause.set()

    assert await lengths_of(following) == [3]
    assert stage.made.count("cancelled") <= 2  # the first, and what it was at


async def test_an_utterance_cancelled_while_it_waits_is_never_begun(stage: Stage) -> None:
    first = await held(stage)
    waiting = stage.speak("waiting", 1)
    await waiting.aclose()
    stage.gate.set()
    await lengths_of(first)
    await lengths_of(stage.speak("last", 1))

    assert "begin waiting" not in stage.made


async def test_nobody_waits_for_a_reader_who_does_not_read(stage: Stage) -> None:
    stage.gate.set()
    unread = stage.speak("unread", *[10] * 50)
    assert await lengths_of(stage.speak("other", 1)) == [1]

    assert unread.finish_reason is FinishReason.COMPLETE
    assert len(await lengths_of(unread)) == 50


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), OverloadedError),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), OverloadedError),
        (InvalidInputError("Nothing to speak."), InvalidInputError),
        (ValueError("the secret text"), UnavailableError),
    ],
)
async def test_an_error_ends_its_own_utterance_alone(
    stage: Stage, error: Exception, told: type[ServiceError]
) -> None:
    stage.gate.set()
    failing = stage.speak("failing", 4, error=error)
    healthy = stage.speak("healthy", 2)

    assert len((await anext(failing)).samples) == 4
    with pytest.raises(told) as raised:
        await anext(failing)
    assert "secret" not in str(raised.value)
    assert await lengths_of(healthy) == [2]


async def test_closing_fails_those_who_speak_and_those_who_wait(stage: Stage) -> None:
    pause = threading.Event()
    stage.gate.set()
    speaking = stage.speak("speaking", 1, 1, 1, pause=pause)
    waiting = stage.speak("waiting", 1)
    await anext(speaking)
    closing = asyncio.ensure_future(stage.turns.aclose())
    await eventually(lambda: stage.turns._utterances.is_closed)
    pause.set()
    await closing

    with pytest.raises(UnavailableError):
        await lengths_of(speaking)
    with pytest.raises(UnavailableError):
        await lengths_of(waiting)
    with pytest.raises(UnavailableError):
        stage.speak("late", 1)
    assert not stage.turns._thread.is_alive()


def _last(events: list[str], name: str) -> int:
    return len(events) - 1 - events[::-1].index(name)
