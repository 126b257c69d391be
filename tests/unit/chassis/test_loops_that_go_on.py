"""What takes work and hears facts goes on after an error that nobody expected.

It would look alive, and be of no use to anybody, for as long as the process lives.
"""

import asyncio
from typing import Any, NoReturn

from services.chassis.beside import running_beside
from services.chassis.bus import StepContext
from services.chassis.messaging.event_subscription import EventSubscription
from services.chassis.queue_worker.work_loop import WorkLoop
from tests.eventually import eventually


class Unsteady:
    """A source that breaks at first, then has nothing for ever."""

    def __init__(self) -> None:
        self.asked_count = 0

    async def next(self, wait_seconds: float = 0.0) -> NoReturn:
        self.asked_count += 1
        if self.asked_count == 1:
            raise AttributeError("'NoneType' object has no attribute 'write'")
        await asyncio.Future()
        raise AssertionError


async def test_a_worker_takes_work_after_its_source_broke() -> None:
    source = Unsteady()
    runner: Any = None
    loop = WorkLoop(source, runner, 1)
    async with running_beside(loop.run()):
        await eventually(lambda: source.asked_count == 2)


async def test_a_subscriber_hears_after_its_source_broke() -> None:
    source: Any = Unsteady()

    async def ensure() -> None:
        pass

    async def ignore(event: object, context: StepContext | None) -> None:
        pass

    subscription = EventSubscription(source, {}, ignore, ensure=ensure, ack_wait_seconds=30)
    try:
        await eventually(lambda: source.asked_count == 2)
    finally:
        await subscription.stop()
