"""What was made of a stream and not taken yet."""

import asyncio
from collections import deque
from typing import Self

from services.inference.speaking.parts import AudioChunk, SpeechPart


class Outbox:
    """Between the task that makes a stream and the one that sends it; one reader."""

    def __init__(self) -> None:
        """Starts empty."""
        self._parts: deque[SpeechPart] = deque()
        self._unread_samples = 0
        self._error: BaseException | None = None
        self._is_over = False
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()

    @property
    def unread_samples(self) -> int:
        """How much audio is left to take."""
        return self._unread_samples

    def put(self, part: SpeechPart) -> None:
        """Adds a part, unless it is over; never waits: see `room`."""
        if self._is_over:
            return
        self._parts.append(part)
        if isinstance(part, AudioChunk):
            self._unread_samples += part.sample_count
        self._changed.set()

    def end(self, error: BaseException | None = None) -> None:
        """Says that nothing more comes: the reader gets what was put, then `error` if any."""
        if not self._is_over:
            self._is_over = True
            self._error = error
            self._changed.set()

    def stop(self, error: BaseException) -> None:
        """Ends it now: the reader gets `error` and nothing that it has not taken."""
        self._parts.clear()
        self._is_over = True
        self._error = error
        self._changed.set()

    async def room(self, max_unread_samples: int) -> None:
        """Waits until at most so many samples are left to take."""
        while self._unread_samples > max_unread_samples:
            self._taken.clear()
            await self._taken.wait()

    def __aiter__(self) -> Self:
        """Returns itself: what was taken is gone."""
        return self

    async def __anext__(self) -> SpeechPart:
        """Returns the next part; raises what `end` or `stop` was given."""
        while not self._parts:
            if self._error:
                raise self._error
            if self._is_over:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        part = self._parts.popleft()
        if isinstance(part, AudioChunk):
            self._unread_samples -= part.sample_count
            self._taken.set()
        return part
