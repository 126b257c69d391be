"""Which signals are a wish to stop, and which an echo of it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from services.chassis.process.stop_signals import ECHO_SECONDS, StopSignals


async def outcome_of(signals: StopSignals, send: Callable[[], Awaitable[None]]) -> str:
    """Returns "drained" when the listening task may go on, "cut short" when it was cancelled."""

    async def listen() -> str:
        with signals.listening():
            await send()
            await asyncio.sleep(0.05)
            return "drained" if signals.stopping.is_set() else "running"

    try:
        return await asyncio.create_task(listen())
    except asyncio.CancelledError:
        return "cut short"


def tell() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def test_the_echo_of_a_signal_is_no_second_one() -> None:
    signals = StopSignals()
    signals.has_work_to_drain = True

    async def twice_at_once() -> None:
        tell()
        tell()

    assert await outcome_of(signals, twice_at_once) == "drained"


async def test_a_later_signal_cuts_the_drain_short() -> None:
    signals = StopSignals()
    signals.has_work_to_drain = True

    async def twice() -> None:
        tell()
        await signals.stopping.wait()
        await asyncio.sleep(ECHO_SECONDS + 0.05)
        tell()

    assert await outcome_of(signals, twice) == "cut short"


async def test_without_work_to_drain_the_first_signal_ends_it() -> None:
    async def once() -> None:
        tell()

    assert await outcome_of(StopSignals(), once) == "cut short"
