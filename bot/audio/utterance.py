"""What is kept ready of one speech: filled by the event loop, emptied by the thread that sends."""

import asyncio
import threading
import time
from collections import deque
from typing import Final

PREBUFFER_FRAMES: Final = 2
LONGEST_REBUFFER_FRAMES: Final = 50
CAPACITY_FRAMES: Final = 1500
"""30 s, 2.9 MB: most messages fit, so that the service is done with them early."""


class Utterance:
    """The frames of one speech that were made and not yet sent.

    It begins when two frames are there. After it ran dry, twice as much is gathered each time, up
    to a second: a service that is slower than speech is heard with few long pauses, not many short
    ones.
    """

    def __init__(
        self, condition: threading.Condition, capacity_frames: int = CAPACITY_FRAMES
    ) -> None:
        """Is guarded by `condition`, which hears of every change; belongs to the running loop."""
        self.over = asyncio.Event()
        """Set when the last frame was sent, or the speech was cancelled."""
        self.begun = asyncio.Event()
        """Set when the first frame was sent, or the speech is over without one."""
        self.begun_at: float | None = None
        """When the first frame was sent, by time.monotonic."""
        self.sent_frames = 0
        self.underruns = 0
        self._condition = condition
        self._loop = asyncio.get_running_loop()
        self._frames: deque[bytes] = deque()
        self._capacity_frames = capacity_frames
        self._needed_frames = PREBUFFER_FRAMES
        self._is_gathering = True
        self._is_finished = False
        self._has_room = asyncio.Event()

    async def put(self, frames: list[bytes]) -> None:
        """Adds frames; waits before that until half of what may be kept was sent, when it is full.

        What comes after a cancellation is dropped.
        """
        while True:
            with self._condition:
                if self._is_finished or len(self._frames) < self._capacity_frames:
                    break
                self._has_room.clear()
            await self._has_room.wait()
        with self._condition:
            if not self._is_finished:
                self._frames.extend(frames)
                self._condition.notify_all()

    def finish(self) -> None:
        """Says that no more frames come; without any, it is over."""
        with self._condition:
            self._is_finished = True
            self._condition.notify_all()
            is_empty = not self._frames and not self.sent_frames
        if is_empty:
            self._end()

    def cancel(self) -> None:
        """Drops what was not sent; nothing of it is heard from now on."""
        with self._condition:
            self._is_finished = True
            self._frames.clear()
            self._condition.notify_all()
        self._has_room.set()
        self._end()

    # What follows is called by the sending thread, which holds the condition.

    def is_ready(self) -> bool:
        """Returns whether a frame is to be sent now, rather than gathered."""
        if not self._frames:
            return False
        enough = self._needed_frames if self._is_gathering else 1
        return self._is_finished or len(self._frames) >= enough

    def is_exhausted(self) -> bool:
        """Returns whether nothing is left to be sent, ever."""
        return self._is_finished and not self._frames

    def take(self) -> bytes:
        """Returns the next frame; only when it is ready."""
        if self._is_gathering and self.sent_frames:
            self.underruns += 1
            self._needed_frames = min(2 * self._needed_frames, LONGEST_REBUFFER_FRAMES)
        self._is_gathering = False
        frame = self._frames.popleft()
        if len(self._frames) == self._capacity_frames // 2:
            self._loop.call_soon_threadsafe(self._has_room.set)
        return frame

    def run_dry(self) -> None:
        """Notes that a frame was due and there was none: some are gathered before it goes on."""
        self._is_gathering = True

    def note_sent(self) -> None:
        """Counts a frame."""
        self.sent_frames += 1
        if self.begun_at is None:
            self.begun_at = time.monotonic()
            self._loop.call_soon_threadsafe(self.begun.set)

    def note_over(self) -> None:
        """Tells the loop that the last frame was sent."""
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self.begun.set()
        self.over.set()
