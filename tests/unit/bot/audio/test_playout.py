"""Sending at the pace of speech, with a real thread; the pace itself by a clock of our own."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import numpy as np
import pytest

from bot.audio.opus import SILENCE
from bot.audio.playout import SILENT_FRAMES, Playout
from bot.audio.utterance import Utterance
from tests.eventually import eventually
from tests.fakes.bot_speech import FakeOutlet


def encode(frame: bytes) -> bytes:
    return frame


@pytest.fixture
def outlet() -> FakeOutlet:
    return FakeOutlet()


@pytest.fixture
async def playout(outlet: FakeOutlet) -> AsyncIterator[Playout]:
    before = threading.active_count()
    playout = Playout(encode, SILENCE)
    playout.send_to(outlet)
    yield playout
    await playout.aclose()
    assert threading.active_count() - len(_executor_threads()) <= before


class OwnTime:
    """A clock that goes on when somebody sleeps, and by what it is told; nobody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SlowOutlet(FakeOutlet):
    """Takes `delays[n]` seconds for the packet n."""

    def __init__(self, time: OwnTime, delays: dict[int, float]) -> None:
        super().__init__(clock=time.clock)
        self.time = time
        self.delays = delays

    def send(self, packet: bytes) -> None:
        super().send(packet)
        self.time.sleep(self.delays.get(len(self.packets) - 1, 0.0))


@asynccontextmanager
async def playing_to(outlet: SlowOutlet) -> AsyncIterator[Playout]:
    playout = Playout(encode, SILENCE, clock=outlet.time.clock, sleep=outlet.time.sleep)
    playout.send_to(outlet)
    yield playout
    await playout.aclose()


def _executor_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("asyncio")]


def frames(name: str, count: int) -> list[bytes]:
    return [f"{name}{number}".encode() for number in range(count)]


async def said(playout: Playout, name: str, count: int) -> Utterance:
    utterance = playout.add()
    await utterance.put(frames(name, count))
    utterance.finish()
    return utterance


async def test_all_frames_are_sent_in_order_at_their_pace_and_silence_ends_them() -> None:
    outlet = SlowOutlet(OwnTime(), {})
    async with playing_to(outlet) as playout:
        utterance = await said(playout, "a", 20)
        await utterance.over.wait()
        await eventually(lambda: len(outlet.packets) == 20 + SILENT_FRAMES)
    assert outlet.packets == frames("a", 20) + SILENT_FRAMES * [SILENCE]
    assert np.diff(outlet.times) == pytest.approx(0.02), "discord.py's first takes 40 ms"
    assert utterance.sent_frames == 20
    assert utterance.underruns == 0


async def test_a_short_delay_is_made_up_for() -> None:
    outlet = SlowOutlet(OwnTime(), {4: 0.07})
    async with playing_to(outlet) as playout:
        await (await said(playout, "a", 20)).over.wait()
    assert outlet.times[5] == pytest.approx(outlet.times[4] + 0.07)
    assert outlet.times[19] == pytest.approx(19 * 0.02)


async def test_of_a_long_delay_no_more_than_100_ms_are_made_up_for() -> None:
    outlet = SlowOutlet(OwnTime(), {4: 0.5})
    async with playing_to(outlet) as playout:
        await (await said(playout, "a", 20)).over.wait()
    assert outlet.times[5] == pytest.approx(0.58)
    assert outlet.times[19] == pytest.approx(0.58 - 0.1 + 14 * 0.02)


async def test_the_pace_is_that_of_the_machine_s_clock(
    playout: Playout, outlet: FakeOutlet
) -> None:
    await (await said(playout, "a", 20)).over.wait()
    assert outlet.times[19] - outlet.times[0] >= 19 * 0.02 - 0.1, "no sooner than it is heard"


async def test_what_comes_next_follows_without_a_silent_packet(
    playout: Playout, outlet: FakeOutlet
) -> None:
    first, second = await said(playout, "a", 5), await said(playout, "b", 5)
    await second.over.wait()
    assert first.over.is_set()
    assert outlet.packets[:10] == frames("a", 5) + frames("b", 5)


async def test_it_rests_when_nothing_more_comes_and_goes_on_at_once_when_something_does(
    playout: Playout, outlet: FakeOutlet
) -> None:
    await said(playout, "a", 2)
    await eventually(lambda: outlet.rests == 2)
    count = len(outlet.packets)
    utterance = await said(playout, "b", 2)
    await utterance.over.wait()
    assert outlet.packets[count:][:2] == frames("b", 2)


async def test_speech_begins_with_its_second_frame_and_not_before(
    playout: Playout, outlet: FakeOutlet
) -> None:
    utterance = playout.add()
    await utterance.put(frames("a", 1))
    await asyncio.sleep(0.06)
    assert not outlet.packets
    await utterance.put(frames("b", 1))
    await utterance.begun.wait()
    assert utterance.begun_at is not None


async def test_a_single_frame_is_sent_when_no_more_come(
    playout: Playout, outlet: FakeOutlet
) -> None:
    utterance = await said(playout, "a", 1)
    await utterance.over.wait()
    assert outlet.heard == frames("a", 1)


async def test_speech_that_runs_dry_is_gathered_again_twice_as_long_each_time(
    playout: Playout, outlet: FakeOutlet
) -> None:
    utterance = playout.add()
    sent = 0
    for gathered in (2, 2, 4, 8):
        await utterance.put(frames("x", gathered - 1))
        await asyncio.sleep(0.03)
        assert len(outlet.heard) == sent, "it waits until enough is there"
        await utterance.put(frames("y", 1))
        sent += gathered
        await eventually(partial(_has_run_dry, outlet, sent))
    assert utterance.underruns == 3
    utterance.finish()
    await utterance.over.wait()


def _has_run_dry(outlet: FakeOutlet, count: int) -> bool:
    return len(outlet.heard) == count and outlet.packets[-1] == SILENCE


async def test_to_end_where_the_last_frame_was_sent_is_no_underrun(
    playout: Playout, outlet: FakeOutlet
) -> None:
    utterance = playout.add()
    await utterance.put(frames("a", 2))
    await eventually(lambda: outlet.rests == 2)
    utterance.finish()
    await utterance.over.wait()
    assert utterance.underruns == 0


async def test_what_is_cancelled_ends_at_once_and_the_next_is_heard(
    playout: Playout, outlet: FakeOutlet
) -> None:
    long, after = await said(playout, "a", 500), await said(playout, "b", 3)
    await eventually(lambda: len(outlet.heard) > 3)
    with playout._condition:  # the thread may have taken one more frame, and no second one
        long.cancel()
        count = len(outlet.heard)
    await after.over.wait()
    assert long.over.is_set()
    assert outlet.heard[count:] in (frames("b", 3), [f"a{count}".encode(), *frames("b", 3)])


async def test_who_fills_faster_than_is_heard_waits_for_room(
    playout: Playout, outlet: FakeOutlet
) -> None:
    utterance = playout.add(capacity_frames=40)
    await utterance.put(frames("a", 60))
    filling = asyncio.create_task(utterance.put(frames("b", 1)))
    await asyncio.sleep(0.02)
    assert not filling.done()
    await filling
    assert len(outlet.heard) >= 40, "half of what may be kept is left"
    utterance.cancel()


async def test_a_cancellation_frees_who_waits_for_room(playout: Playout) -> None:
    utterance = playout.add(capacity_frames=1)
    await utterance.put(frames("a", 100))
    filling = asyncio.create_task(utterance.put(frames("b", 1)))
    await asyncio.sleep(0)
    utterance.cancel()
    await asyncio.wait_for(filling, 10)


async def test_nothing_is_lost_while_nobody_can_hear_it(
    playout: Playout, outlet: FakeOutlet
) -> None:
    utterance = await said(playout, "a", 30)
    await eventually(lambda: len(outlet.heard) > 3)
    outlet.is_open = False
    count = len(outlet.packets)
    await asyncio.sleep(0.15)
    assert len(outlet.packets) <= count + 1, "one may have been on its way"
    outlet.is_open = True
    await utterance.over.wait()
    assert outlet.heard == frames("a", 30)


async def test_a_pause_is_silent_and_loses_nothing(playout: Playout, outlet: FakeOutlet) -> None:
    utterance = await said(playout, "a", 30)
    await eventually(lambda: len(outlet.heard) > 3)
    playout.pause()
    await eventually(lambda: outlet.rests == 2)
    count = len(outlet.heard)
    assert count < 30
    playout.resume()
    await utterance.over.wait()
    assert outlet.heard == frames("a", 30)
    assert utterance.underruns == 0


async def test_speech_may_be_added_before_there_is_an_outlet(outlet: FakeOutlet) -> None:
    playout = Playout(encode, SILENCE)
    utterance = await said(playout, "a", 3)
    playout.send_to(outlet)
    await utterance.over.wait()
    assert outlet.heard == frames("a", 3)
    await playout.aclose()


async def test_to_close_ends_all_that_waits(playout: Playout) -> None:
    first, second = await said(playout, "a", 500), await said(playout, "b", 500)
    await playout.aclose()
    assert first.over.is_set()
    assert second.over.is_set()


async def test_a_defect_ends_the_speech_rather_than_hold_the_queue(
    playout: Playout, outlet: FakeOutlet
) -> None:
    outlet.breaks = True
    utterance = await said(playout, "a", 5)
    await asyncio.wait_for(utterance.over.wait(), 5)
