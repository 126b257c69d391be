"""Progress that is told often and shown seldom."""

import asyncio
import threading

from services.chassis.queue_worker.step_progress import StepProgress
from tests.eventually import eventually


async def test_only_the_latest_fraction_is_shown_and_only_when_it_changed() -> None:
    shown: list[float] = []

    async def show(fraction: float) -> None:
        shown.append(fraction)

    progress = StepProgress()
    task = asyncio.create_task(progress.shown(show))

    def work() -> None:
        for n in range(501):
            progress(n / 1000)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    await eventually(lambda: shown == [0.5])
    progress(7.0)
    await eventually(lambda: shown == [0.5, 1.0])
    progress(-1.0)
    await eventually(lambda: shown == [0.5, 1.0, 0.0])
    task.cancel()
