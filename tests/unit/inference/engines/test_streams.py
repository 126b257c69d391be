"""Audio crosses from an engine's thread to the event loop whole, in order, and never blocks it."""

import asyncio
import threading

import numpy as np
import pytest

from services.chassis.errors import OverloadedError
from services.inference.engines.engine import FinishReason, Piece
from services.inference.engines.streams import EngineStream


def a_piece(value: float = 0.0) -> Piece:
    return Piece(np.full(4, value, dtype=np.float32))


def in_a_thread(stream: EngineStream, count: int, outcome: FinishReason | Exception) -> None:
    for index in range(count):
        stream.put(a_piece(index))
    if isinstance(outcome, FinishReason):
        stream.end(outcome)
    else:
        stream.fail(outcome)


async def test_what_a_thread_puts_is_read_in_order_to_the_end() -> None:
    stream = EngineStream()
    thread = threading.Thread(target=in_a_thread, args=(stream, 200, FinishReason.COMPLETE))
    assert stream.finish_reason is None
    thread.start()

    values = [piece.samples[0] async for piece in stream]

    thread.join()
    assert values == list(range(200))
    assert stream.finish_reason is FinishReason.COMPLETE
    assert [piece async for piece in stream] == []


async def test_the_thread_never_waits_for_a_reader_who_sees_the_end_before_he_read_it() -> None:
    stream = EngineStream()
    in_a_thread(stream, 1000, FinishReason.MAX_LENGTH)
    await asyncio.sleep(0)

    assert stream.finish_reason is FinishReason.MAX_LENGTH
    assert len([piece async for piece in stream]) == 1000


async def test_a_failure_reaches_the_reader_behind_what_was_made_before() -> None:
    stream = EngineStream()
    in_a_thread(stream, 2, OverloadedError("No memory."))

    assert [(await anext(stream)).samples[0] for _ in range(2)] == [0, 1]
    with pytest.raises(OverloadedError, match="No memory"):
        await anext(stream)
    assert stream.finish_reason is None


async def test_closing_tells_the_engine_once_and_forgets_what_comes_after() -> None:
    closings: list[None] = []
    stream = EngineStream(lambda: closings.append(None))
    stream.put(a_piece())
    await asyncio.sleep(0)

    await stream.aclose()
    await stream.aclose()
    in_a_thread(stream, 3, FinishReason.COMPLETE)
    await asyncio.sleep(0)

    assert stream.is_cancelled
    assert closings == [None]
    assert [piece async for piece in stream] == []
    assert stream.finish_reason is None


async def test_closing_ends_a_reader_who_waits() -> None:
    stream = EngineStream()
    reader = asyncio.ensure_future(anext(stream, None))
    await asyncio.sleep(0)

    await stream.aclose()

    assert await asyncio.wait_for(reader, 20) is None


async def test_closing_after_the_end_cancels_nothing() -> None:
    closings: list[None] = []
    stream = EngineStream(lambda: closings.append(None))
    in_a_thread(stream, 1, FinishReason.COMPLETE)
    await asyncio.sleep(0)

    await stream.aclose()

    assert not stream.is_cancelled
    assert closings == []


def test_a_stream_whose_event_loop_is_gone_counts_as_cancelled() -> None:
    async def open_one() -> EngineStream:
        return EngineStream()

    stream = asyncio.run(open_one())
    stream.put(a_piece())

    assert stream.is_cancelled
