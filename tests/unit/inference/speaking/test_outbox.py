"""What was made of a stream and not taken yet."""

import asyncio

import pytest

from services.chassis.errors import ConflictError
from services.inference.speaking.outbox import Outbox
from services.inference.speaking.parts import AudioChunk, SpeechPart
from services.inference.speaking.stage import Stage


def chunk(number: int) -> AudioChunk:
    return AudioChunk(number, number * 10, bytes(20))


async def read(outbox: Outbox) -> list[SpeechPart]:
    return [part async for part in outbox]


async def test_parts_come_in_order_and_then_the_end() -> None:
    outbox = Outbox()
    reading = asyncio.create_task(read(outbox))
    for number in range(3):
        outbox.put(chunk(number))
        await asyncio.sleep(0)
    outbox.end()
    assert await reading == [chunk(0), chunk(1), chunk(2)]


async def test_an_error_comes_after_what_was_made_before_it() -> None:
    outbox = Outbox()
    outbox.put(chunk(0))
    outbox.end(ConflictError("No more."))
    assert await anext(outbox) == chunk(0)
    with pytest.raises(ConflictError):
        await anext(outbox)


async def test_there_is_room_when_the_reader_has_taken_enough() -> None:
    outbox = Outbox()
    for number in range(3):
        outbox.put(chunk(number))
    waiting = asyncio.create_task(outbox.room(10))
    await anext(outbox)
    await asyncio.sleep(0)
    assert not waiting.done()
    await anext(outbox)
    await waiting


async def test_a_voice_that_is_stopped_is_heard_no_more() -> None:
    stage = Stage()
    with stage.entered("ann") as outbox, stage.entered("joe") as other:
        outbox.put(chunk(0))
        other.put(chunk(0))
        assert stage.voice_ids == {"ann", "joe"}
        assert stage.stop_voice("ann") == 1
        assert stage.stop_voice("nobody") == 0
        outbox.put(chunk(1))  # who makes it does not know yet
        with pytest.raises(ConflictError, match="may not speak any more"):
            await anext(outbox)
        assert await anext(other) == chunk(0)
    assert stage.voice_ids == frozenset()
