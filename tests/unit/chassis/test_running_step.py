"""Stopping a use case, whether it obeys or not."""

import asyncio

import pytest

from services.chassis.errors import CancelledByUserError, InvalidInputError
from services.chassis.queue_worker.running_step import RunningStep
from services.chassis.queue_worker.settling import HandedBackError, StepTimeoutError


async def forever() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_the_result_and_the_error_pass_through() -> None:
    async def succeed() -> str:
        return "result"

    async def fail() -> str:
        raise InvalidInputError("no")

    assert await RunningStep("run").result_of(succeed(), 1) == "result"
    with pytest.raises(InvalidInputError):
        await RunningStep("run").result_of(fail(), 1)


async def test_a_step_ends_when_its_time_is_over() -> None:
    with pytest.raises(StepTimeoutError):
        await RunningStep("run").result_of(forever(), 0.01)


async def test_a_stopped_step_cleans_up_and_tells_the_first_reason() -> None:
    cleaned_up = asyncio.Event()
    running = RunningStep("run")

    async def work() -> str:
        running.stop(CancelledByUserError("stop"))
        running.stop(HandedBackError())
        try:
            return await forever()
        finally:
            await asyncio.sleep(0.01)
            cleaned_up.set()

    with pytest.raises(CancelledByUserError):
        await running.result_of(work(), 10)
    assert cleaned_up.is_set()


async def test_a_use_case_that_cancels_itself_is_handed_back() -> None:
    async def work() -> str:
        raise asyncio.CancelledError

    with pytest.raises(HandedBackError):
        await RunningStep("run").result_of(work(), 1)


async def test_a_step_that_does_not_obey_is_left_behind() -> None:
    let_go = asyncio.Event()

    async def work() -> str:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        raise ZeroDivisionError  # of abandoned work: nobody hears of it

    with pytest.raises(StepTimeoutError):
        await RunningStep("run", stop_grace_seconds=0.05).result_of(work(), 0.01)
    let_go.set()
    await asyncio.sleep(0)
