"""Who is served first, and who gets a place."""

import asyncio
from itertools import repeat
from threading import Thread

import torch

from services.chassis.errors import UnavailableError
from services.inference.engines.engine import FinishReason, Priority, Utterance
from services.inference.engines.streams import EngineStream
from services.inference.engines.xtts.chunk_line import ChunkLine
from services.inference.engines.xtts.length_limit import LengthLimit
from services.inference.engines.xtts.speech import Chunk, Speech
from services.inference.engines.xtts.waiting_line import WaitingLine
from tests.fakes.slot_decoder import FakeVocoder
from tests.fakes.xtts_speaking import a_voice

TOKENS = torch.zeros(5, 1)
"""Half a second of `FakeVocoder`'s audio."""


def a_speech(
    name: str, *, opened_at: float = 0.0, priority: Priority = Priority.INTERACTIVE
) -> Speech:
    utterance = Utterance(name, "en", priority=priority)
    limit = LengthLimit(600, FinishReason.MAX_LENGTH)
    return Speech(utterance, a_voice(), limit, EngineStream(), repeat(5), opened_at)


def names(speeches: list[Speech] | None) -> list[str]:
    assert speeches is not None
    return [speech.utterance.text for speech in speeches]


def taken(line: ChunkLine) -> str:
    found = line.take()
    assert found is not None
    return found[0].utterance.text


async def test_the_vocoder_first_serves_whose_listener_has_least_left() -> None:
    vocoder, now = FakeVocoder(), 1000.0
    rich, poor, new = (a_speech(name, opened_at=now) for name in ("rich", "poor", "new"))
    for speech, chunks in ((rich, 4), (poor, 1)):
        for _ in range(chunks):
            speech.vocode(Chunk(TOKENS, None), vocoder, now)

    assert rich.lead_seconds(now) > poor.lead_seconds(now) > new.lead_seconds(now) == 0
    assert poor.lead_seconds(now + 10) == poor.lead_seconds(now) - 10
    assert new.lead_seconds(now + 1) == -1


async def test_among_chunks_the_one_of_the_smallest_lead_goes_first_and_each_in_order() -> None:
    line = ChunkLine(on_gone=lambda: None)
    early, late = a_speech("early", opened_at=1.0), a_speech("late", opened_at=2.0)
    for speech in (late, early, late, early):
        line.put(speech, Chunk(TOKENS, None))

    assert [taken(line) for _ in range(4)] == ["early", "early", "late", "late"]


async def test_bulk_yields_to_those_who_listen_but_not_to_all_they_may_ever_want() -> None:
    bulk = a_speech("bulk", opened_at=100.0, priority=Priority.BULK)

    assert bulk.lead_seconds(100.0) > a_speech("new", opened_at=100.0).lead_seconds(100.0)
    assert bulk.lead_seconds(103.0) < a_speech("new", opened_at=103.0).lead_seconds(103.0)


async def test_what_is_left_of_an_utterance_nobody_hears_is_thrown_away() -> None:
    gone: list[None] = []
    line = ChunkLine(on_gone=lambda: gone.append(None))
    whole, part, heard = a_speech("whole"), a_speech("part"), a_speech("heard")
    line.put(whole, Chunk(TOKENS, FinishReason.COMPLETE))
    line.put(part, Chunk(TOKENS, None))
    line.put(heard, Chunk(TOKENS, None))
    await whole.stream.aclose()
    await part.stream.aclose()

    assert taken(line) == "heard"
    assert line.chunk_count == 0
    assert gone == [None]  # the other one is still being decoded, and leaves there


async def test_no_more_are_under_way_than_there_are_places() -> None:
    line = WaitingLine(place_count=2)
    for number in range(4):
        line.join(a_speech(str(number)))

    assert names(line.take(3, wait=True)) == ["0", "1"]
    assert names(line.take(3, wait=False)) == []
    line.leave()
    assert names(line.take(3, wait=True)) == ["2"]
    assert (line.under_way_count, line.waiting_count) == (2, 1)


async def test_who_waits_for_work_is_woken_by_it() -> None:
    line = WaitingLine(place_count=1)
    found: list[list[Speech] | None] = []
    thread = Thread(target=lambda: found.append(line.take(1, wait=True)))
    thread.start()
    line.join(a_speech("work"))
    await asyncio.to_thread(thread.join)

    assert names(found[0]) == ["work"]


async def test_a_closed_line_gives_nothing_and_takes_nobody() -> None:
    line = WaitingLine(place_count=1)
    waiting = a_speech("waiting")
    line.join(waiting)
    line.close(lambda: UnavailableError("Closed."))

    assert line.take(1, wait=True) is None
    assert waiting.is_over
    assert line.waiting_count == 0
