"""What fails fails by itself, and with a clear error; others go on."""

import asyncio

import pytest
import torch

from services.chassis.errors import InvalidInputError, OverloadedError, UnavailableError
from tests.eventually import eventually
from tests.fakes.xtts_speaking import Speaking, audio_of, speaking


async def all_at_once(it: Speaking, *texts: str) -> list[list[float] | BaseException]:
    """Speaks texts that come in this order before the first has begun to be spoken."""
    it.decoder.may_step.clear()
    streams = [it.open(text) for text in texts]
    it.decoder.may_step.set()
    return await asyncio.gather(*map(audio_of, streams), return_exceptions=True)


async def test_a_shortage_that_empty_caches_end_costs_nobody_his_speech() -> None:
    async with speaking() as it:
        shortages = iter([False, True, False, True])

        def before_step(steps: int) -> None:
            if next(shortages, False):
                raise torch.OutOfMemoryError("CUDA out of memory.")

        it.decoder.before_step = before_step
        one, two = await all_at_once(it, "the elder", "the younger")

        assert isinstance(one, list)
        assert isinstance(two, list)
        assert (len(one), len(two)) == (len("the elder"), len("the younger"))
        await eventually(lambda: it.is_empty)


async def test_in_a_lasting_shortage_the_youngest_goes_and_the_others_go_on() -> None:
    async with speaking(slot_count=3) as it:
        shortages = iter([True, True, False])

        def before_step(steps: int) -> None:
            if len(it.decoder.speaking) > 2 and next(shortages, False):
                raise torch.OutOfMemoryError("CUDA out of memory.")

        it.decoder.before_step = before_step
        one, two, three = await all_at_once(it, "the eldest", "the middle one", "the youngest")

        assert isinstance(one, list)
        assert isinstance(two, list)
        assert isinstance(three, OverloadedError)
        assert three.retry_after_seconds
        assert (len(one), len(two)) == (len("the eldest"), len("the middle one"))
        await eventually(lambda: it.is_empty)
        assert len(await audio_of(it.open("next"))) == 4


async def test_a_shortage_while_texts_are_read_fails_those_alone_that_are_too_much() -> None:
    async with speaking(slot_count=3) as it:

        def before_admit(requests: object) -> None:
            assert isinstance(requests, list)
            if any(len(request.text_tokens) > 20 for request in requests):
                raise MemoryError

        it.decoder.before_admit = before_admit
        one, two, three = await all_at_once(it, "short", "a text of many more tokens", "brief")

        assert isinstance(one, list)
        assert isinstance(two, OverloadedError)
        assert isinstance(three, list)
        await eventually(lambda: it.is_empty)


async def test_a_shortage_in_the_vocoder_fails_the_utterance_it_was_at() -> None:
    async with speaking() as it:

        def before_push(value: float) -> None:
            if value == ord("a") * 4000:
                raise torch.OutOfMemoryError("CUDA out of memory.")

        it.vocoder.before_push = before_push
        one, two = await all_at_once(it, "aaaa", "other")

        assert isinstance(one, OverloadedError)
        assert isinstance(two, list)
        assert len(two) == len("other")
        await eventually(lambda: it.is_empty)


async def test_a_text_that_cannot_be_read_fails_alone() -> None:
    async with speaking() as it:
        one, two = await all_at_once(it, "unreadable", "readable")

        assert isinstance(one, InvalidInputError)
        assert isinstance(two, list)
        await eventually(lambda: it.is_empty)


async def test_when_the_decoder_breaks_all_fail_at_once_and_nobody_can_begin() -> None:
    async with speaking(slot_count=1) as it:

        def before_step(steps: int) -> None:
            if steps == 3:
                raise RuntimeError("CUDA error: device-side assert triggered")

        it.decoder.before_step = before_step
        outcomes = await all_at_once(it, "speaking", "waiting", "waiting too")

        assert [type(outcome) for outcome in outcomes] == [UnavailableError] * 3
        assert all("CUDA" not in str(outcome) for outcome in outcomes)
        assert it.scheduler.is_broken
        with pytest.raises(UnavailableError):
            it.open("too late")


async def test_when_the_vocoder_breaks_all_fail() -> None:
    async with speaking(slot_count=1) as it:

        def before_push(value: float) -> None:
            raise RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")

        it.vocoder.before_push = before_push
        outcomes = await all_at_once(it, "speaking", "waiting")

        assert [type(outcome) for outcome in outcomes] == [UnavailableError] * 2
        assert it.scheduler.is_broken


async def test_closing_the_engine_fails_all_that_is_open() -> None:
    async with speaking(slot_count=1) as it:
        begun = it.open("x" * 400)
        await anext(begun)
        waiting = it.open("waiting")
        closing = asyncio.ensure_future(it.scheduler.aclose())

        with pytest.raises(UnavailableError, match="unloaded"):
            await audio_of(waiting)
        with pytest.raises(UnavailableError, match="unloaded"):
            await audio_of(begun)
        await closing
        assert not it.scheduler.is_broken
        with pytest.raises(UnavailableError):
            it.open("too late")


async def test_its_threads_end_with_it() -> None:
    async with speaking() as it:
        threads = it.scheduler._threads
        await it.scheduler.aclose()

        assert not any(thread.is_alive() for thread in threads)
