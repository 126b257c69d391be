"""Reads what is to be spoken before its time, and has some of it begun."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Self

from services.chassis.beside import end
from services.inference.speaking.head_start import HeadStart
from services.inference.speaking.script import Line


@dataclass(slots=True, eq=False)
class Take:
    """What is spoken in one go: a line, or a part of one."""

    line: Line
    text: str
    index: int
    """Counts the takes of a stream."""
    head_start: HeadStart | None = None


class LookAhead:
    """Gives the takes of a stream in order, some with a head start.

    One that could not have any waits for its time, and nothing after it is read until then.
    """

    def __init__(
        self,
        lines: AsyncIterator[Line],
        begin: Callable[[Take, Sequence[HeadStart]], HeadStart | None],
    ) -> None:
        """`begin` gives a take a head start beside those of others, or None while it may not."""
        self._begin = begin
        self._current: Take | None = None
        self._coming: deque[Take] = deque()
        self._arrived = asyncio.Event()
        self._moved = asyncio.Event()
        self._reading = asyncio.create_task(self._read(lines))
        self._reading.add_done_callback(lambda _: self._arrived.set())

    def move(self) -> None:
        """Says that the stream has gone on, so that `begin` may have another answer."""
        self._moved.set()

    def __aiter__(self) -> Self:
        """Returns itself."""
        return self

    async def __anext__(self) -> Take:
        """Waits for the next take; raises what the text was refused for after those before it."""
        while not self._coming:
            if self._reading.done():
                self._reading.result()
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        self._current = self._coming.popleft()
        self.move()
        return self._current

    async def aclose(self) -> None:
        """Ends the reading, and whatever has a head start."""
        begun = self._begun()
        if self._current and self._current.head_start:
            begun.append(self._current.head_start)
        await asyncio.gather(end(self._reading), *(each.aclose() for each in begun))

    async def _read(self, lines: AsyncIterator[Line]) -> None:
        index = 0
        async for line in lines:
            for text in line.texts:
                await self._give(Take(line, text, index))
                index += 1

    async def _give(self, take: Take) -> None:
        """Returns when the take has a head start, or its time has come."""
        self._coming.append(take)
        self._arrived.set()
        await asyncio.sleep(0)  # lines of a whole text never wait: let others have the loop
        while take in self._coming:
            take.head_start = self._begin(take, self._begun())
            if take.head_start:
                take.head_start.when_over(self.move)
                return
            self._moved.clear()
            await self._moved.wait()

    def _begun(self) -> list[HeadStart]:
        return [take.head_start for take in self._coming if take.head_start]
