"""Many utterances at once: each whole, in its order, and none in another's way."""

import asyncio

from services.inference.engines.engine import FinishReason, Priority
from services.inference.engines.xtts.length_limit import LengthLimit
from tests.eventually import eventually
from tests.fakes.xtts_speaking import a_voice, audio_of, speaking


def expected(text: str, seed: int = 0, count: int | None = None) -> list[float]:
    first = sum(ord(character) for character in text) * 1000 + seed * 100
    return [float(first + index) for index in range(len(text) if count is None else count)]


async def test_an_utterance_is_spoken_to_its_end() -> None:
    async with speaking() as it:
        stream = it.open("hello there")

        assert await audio_of(stream) == expected("hello there")
        assert stream.finish_reason is FinishReason.COMPLETE
        await eventually(lambda: it.is_empty)


async def test_chunks_grow_as_the_schedule_says_and_the_rest_comes_at_the_end() -> None:
    async with speaking(schedule=(2, 3, 4)) as it:
        pieces = [piece.token_count async for piece in it.open("x" * 12)]

        assert pieces == it.vocoder.pushed == [2, 3, 4, 3]


async def test_many_at_once_each_say_their_own() -> None:
    async with speaking(slot_count=3) as it:
        texts = [f"sentence number {number}"[: 5 + number] for number in range(20)]
        streams = [it.open(text, seed=seed) for seed, text in enumerate(texts)]

        heard = await asyncio.gather(*map(audio_of, streams))

        assert heard == [expected(text, seed) for seed, text in enumerate(texts)]
        await eventually(lambda: it.is_empty)


async def test_those_who_wait_are_begun_the_interactive_ones_first() -> None:
    async with speaking(slot_count=1) as it:
        it.decoder.may_step.clear()
        first = it.open("first")
        await eventually(lambda: it.decoder.admitted)
        bulk = [it.open("bulk", seed=seed, priority=Priority.BULK) for seed in (1, 2)]
        interactive = [it.open("interactive", seed=seed) for seed in (3, 4)]
        it.decoder.may_step.set()

        await asyncio.gather(*map(audio_of, [first, *bulk, *interactive]))

        assert [one.sampling.seed for one in it.decoder.admitted] == [0, 3, 4, 1, 2]


async def test_closing_a_stream_frees_its_slot_for_the_next() -> None:
    async with speaking(slot_count=1) as it:
        endless = it.open("x" * 500)
        await anext(endless)
        short = it.open("short")

        await endless.aclose()

        assert await audio_of(short) == expected("short")
        assert it.decoder.steps < 500
        await eventually(lambda: it.is_empty)


async def test_closing_a_stream_that_waits_lets_it_never_begin() -> None:
    async with speaking(slot_count=1) as it:
        it.decoder.may_step.clear()
        first = it.open("first")
        await eventually(lambda: it.decoder.admitted)
        waiting = it.open("second", seed=7)
        await waiting.aclose()
        it.decoder.may_step.set()

        await audio_of(first)

        await eventually(lambda: it.is_empty)
        assert [one.sampling.seed for one in it.decoder.admitted] == [0]


async def test_a_reader_who_never_reads_holds_nobody_up() -> None:
    async with speaking(slot_count=1) as it:
        unread = it.open("x" * 50)

        assert await audio_of(it.open("read")) == expected("read")
        await eventually(lambda: it.is_empty)
        # The vocoder's thread tells the event loop of the end, which may hear of it later.
        await eventually(lambda: unread.finish_reason is FinishReason.COMPLETE)


async def test_an_utterance_that_finds_no_end_is_ended_with_the_reason() -> None:
    async with speaking() as it:
        runaway = it.open("x" * 20, limit=LengthLimit(7, FinishReason.RUNAWAY))

        assert await audio_of(runaway) == expected("x" * 20, count=7)
        assert runaway.finish_reason is FinishReason.RUNAWAY


async def test_a_text_that_comes_to_its_end_at_the_limit_is_complete() -> None:
    async with speaking() as it:
        stream = it.open("x" * 7, limit=LengthLimit(7, FinishReason.RUNAWAY))

        await audio_of(stream)

        assert stream.finish_reason is FinishReason.COMPLETE


async def test_a_voice_is_read_once_for_all_its_texts() -> None:
    ada, bob, eve = a_voice(0.1), a_voice(0.2), a_voice(0.3)
    async with speaking(voice_count=2) as it:
        for voice in (ada, ada, bob, ada, eve, ada):
            await audio_of(it.open("text", voice=voice))
        assert it.decoder.read_voices == 3

        await audio_of(it.open("text", voice=bob))
        assert it.decoder.read_voices == 4


async def test_an_idle_engine_does_nothing() -> None:
    async with speaking() as it:
        await audio_of(it.open("short"))
        steps = it.decoder.steps
        assert steps == len("short")

        await audio_of(it.open("again"))
        assert it.decoder.steps == steps + len("again")
