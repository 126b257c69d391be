"""Sends speech at the pace at which it is heard, on a thread of its own.

discord.py's own player would do, but waits 40 ms after the first frame of each speech, is started
anew for what comes after a pause, and tells a kick as if all had been said.

Frames are encoded here, 0.4 ms each, rather than when they come. With four guilds whose speech came
20 times faster than it is heard, encoding on the event loop held that up by 80 to 90 ms (p99; 18
here), and on a pool of threads the gaps between packets grew from 33-42 to 50-66 ms (p99, two busy
cores).
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from bot.audio.frames import FRAME_SECONDS
from bot.audio.utterance import CAPACITY_FRAMES, Utterance

SILENT_FRAMES: Final = 5
"""How many frames of silence end a speech: else listeners' decoders make up what comes next."""
CATCH_UP_SECONDS: Final = 0.1
"""How much of a delay is made up for by sending faster; what is later than that stays late."""
READINESS_POLL_SECONDS: Final = 0.005
CLOSE_SECONDS: Final = 5.0

logger = structlog.get_logger()


class Outlet(Protocol):
    """Where packets go; its methods are called by the sending thread."""

    def is_ready(self) -> bool:
        """Returns whether those who listen could hear a packet that is sent now."""
        ...

    def send(self, packet: bytes) -> None:
        """Sends a packet of 20 ms; one that cannot be sent is lost, without an error."""
        ...

    def rest(self) -> None:
        """Hears that nothing more comes for now."""
        ...


class Playout:
    """Sends one utterance after the other, without a gap where the next is ready.

    While the outlet is not ready or the playout is paused, nothing is lost.
    """

    def __init__(
        self,
        encode: Callable[[bytes], bytes],
        silence: bytes,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Makes packets of frames by `encode`, on its thread; `silence` is a packet of silence."""
        self._encode = encode
        self._silence = silence
        self._clock = clock
        self._sleep = sleep
        self._condition = threading.Condition()
        self._lineup: deque[Utterance] = deque()
        self._outlet: Outlet | None = None
        self._is_paused = False
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="playout", daemon=True)

    def add(self, capacity_frames: int = CAPACITY_FRAMES) -> Utterance:
        """Returns a new utterance, which is heard after those that were added before."""
        utterance = Utterance(self._condition, capacity_frames)
        with self._condition:
            self._lineup.append(utterance)
            is_closed = self._is_closed
        if is_closed:
            utterance.cancel()
        return utterance

    @property
    def is_closed(self) -> bool:
        """Whether it sends nothing any more: it was closed, or failed."""
        return self._is_closed

    def send_to(self, outlet: Outlet) -> None:
        """Sends to `outlet` from now on; starts the thread."""
        with self._condition:
            self._outlet = outlet
            self._condition.notify_all()
        if not self._thread.is_alive():
            self._thread.start()

    def pause(self) -> None:
        """Sends nothing until `resume`."""
        self._set_paused(is_paused=True)

    def resume(self) -> None:
        """Goes on where it was paused."""
        self._set_paused(is_paused=False)

    @property
    def is_paused(self) -> bool:
        """Whether it was paused."""
        return self._is_paused

    async def aclose(self) -> None:
        """Cancels what was not sent, and ends the thread."""
        with self._condition:
            self._is_closed = True
            left = list(self._lineup)
            self._condition.notify_all()
        for utterance in left:
            utterance.cancel()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, CLOSE_SECONDS)

    def _set_paused(self, *, is_paused: bool) -> None:
        with self._condition:
            self._is_paused = is_paused
            self._condition.notify_all()

    def _run(self) -> None:
        try:
            self._send_all()
        except Exception:
            # Without this the queue of the guild would wait for ever.
            logger.exception("playout.failed")
            with self._condition:
                self._is_closed = True
                for utterance in self._lineup:
                    utterance.note_over()

    def _send_all(self) -> None:
        due = self._clock()
        silences_left = 0
        while not self._is_closed:
            outlet = self._outlet
            if outlet is None or not outlet.is_ready():
                self._wait_a_little()
                due, silences_left = self._clock(), 0
                continue
            with self._condition:
                utterance = self._current()
                frame = utterance.take() if utterance is not None else None
            if utterance is not None and frame is not None:
                outlet.send(self._encode(frame))
                utterance.note_sent()
                silences_left = SILENT_FRAMES
            elif silences_left:
                outlet.send(self._silence)
                silences_left -= 1
            else:
                outlet.rest()
                self._wait_for_speech()
                due = self._clock()
                continue
            due = max(due + FRAME_SECONDS, self._clock() - CATCH_UP_SECONDS)
            self._sleep(max(0.0, due - self._clock()))

    def _current(self) -> Utterance | None:
        """Returns the utterance that a frame is to be sent of now."""
        while self._lineup and self._lineup[0].is_exhausted():
            self._lineup.popleft().note_over()
        if not self._lineup or self._is_paused:
            return None
        if self._lineup[0].is_ready():
            return self._lineup[0]
        self._lineup[0].run_dry()
        return None

    def _wait_for_speech(self) -> None:
        with self._condition:
            while not self._is_closed and self._current() is None:
                self._condition.wait()

    def _wait_a_little(self) -> None:
        with self._condition:
            if not self._is_closed:
                self._condition.wait(READINESS_POLL_SECONDS)
