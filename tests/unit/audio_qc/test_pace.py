"""Long computations report how far they are and stop when asked."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.audio_qc.pace import Pace, StoppedError, paced, unreported
from tests.eventually import eventually


def test_parts_report_within_the_whole() -> None:
    reported: list[float] = []
    pace = Pace(reported.append).part(0.5, 1.0)
    pace(0.0)
    pace.part(0.5, 1.0)(0.5)
    pace(2.0)
    assert reported == [0.5, 0.875, 1.0]


def test_a_stopped_pace_stops_all_its_parts() -> None:
    stopped = threading.Event()
    part = Pace(unreported, stopped).part(0.0, 0.5)
    part(0.1)
    stopped.set()
    with pytest.raises(StoppedError):
        part(0.2)


async def test_a_cancelled_caller_waits_until_the_computation_has_stopped() -> None:
    running, ended = threading.Event(), threading.Event()

    def work(pace: Pace) -> None:
        running.set()
        try:
            while True:
                pace(0.5)
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as executor:
        task = asyncio.ensure_future(paced(executor, unreported, work))
        await eventually(running.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()


async def test_the_result_of_the_computation_is_returned() -> None:
    with ThreadPoolExecutor(1) as executor:
        assert await paced(executor, unreported, lambda _: 42) == 42
