import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.audio_qc.pace import Pace, paced, unreported


async def test_a_cancelled_computation_has_stopped_and_nobody_hears_of_it() -> None:
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: said.append(context))
    begun, ended = threading.Event(), threading.Event()

    def work(pace: Pace) -> None:
        try:
            while True:
                begun.set()
                pace(0.5)
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as executor:
        task = asyncio.create_task(paced(executor, unreported, work))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()
    del task
    gc.collect()
    await asyncio.sleep(0)
    assert said == []
