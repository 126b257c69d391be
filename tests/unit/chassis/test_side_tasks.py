"""What runs beside a server ends with it, and ends it by failing."""

import asyncio

import pytest

from services.chassis.process.side_tasks import SideTasks


class BrokenError(Exception):
    """Something is wrong."""


async def nothing() -> None:
    """Ends at once."""


async def broken() -> None:
    raise BrokenError


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_task_that_returns_is_no_reason_to_stop() -> None:
    stopping = asyncio.Event()
    async with SideTasks() as tasks:
        first = tasks.start(nothing())
        tasks.start(for_ever())
        watching = asyncio.create_task(tasks.watch_until(stopping))
        await first
        await asyncio.sleep(0.01)
        assert not watching.done()
        stopping.set()
        await asyncio.wait_for(watching, 10)


async def test_a_task_that_fails_ends_the_watch_with_its_error() -> None:
    async with SideTasks() as tasks:
        tasks.start(for_ever())
        tasks.start(broken())
        with pytest.raises(BrokenError):
            await asyncio.wait_for(tasks.watch_until(asyncio.Event()), 10)


async def test_the_end_of_the_block_is_the_end_of_the_tasks() -> None:
    async with SideTasks() as tasks:
        task = tasks.start(for_ever())

    assert task.cancelled()
