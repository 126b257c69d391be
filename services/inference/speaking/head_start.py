"""An utterance that is made before its time has come."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Self

from services.chassis.beside import end
from services.inference.engines.engine import Engine, FinishReason, Piece, Utterance
from services.inference.pool.admission import Admission, SpareTurn


class HeadStart:
    """The `UtteranceStream` of an utterance that is made in a slot which nobody else wants.

    Whoever wants the slot takes it, and what was made is lost. That harms nobody, since an
    utterance sounds the same whenever it is made.
    """

    def __init__(
        self, engine: Engine, utterance: Utterance, admission: Admission, turn: SpareTurn
    ) -> None:
        """Begins it in its turn, which is given back at its end."""
        self.utterance = utterance
        self.made_samples = 0
        """At the engine's rate."""
        self.finish_reason: FinishReason | None = None
        self._admission = admission
        self._turn = turn
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._making = asyncio.create_task(self._make(engine))
        self._making.add_done_callback(self._end)
        turn.give_way = self._making.cancel

    def when_over(self, callback: Callable[[], None]) -> None:
        """Has `callback` called when it is made, has failed, or lost its slot."""
        self._making.add_done_callback(lambda _: callback())

    def keep(self) -> bool:
        """Makes it the sentence whose time has come, from which nobody takes its slot any more.

        False when it must be made anew, as its slot was taken, or it failed: what failed beside
        others, such as for want of memory, may succeed in its own turn.
        """
        if not self._making.done():
            return self._admission.keep(self._turn)
        return not self._making.cancelled() and self._making.exception() is None

    def __aiter__(self) -> Self:
        """Returns itself: what was read is gone."""
        return self

    async def __anext__(self) -> Piece:
        """Returns the next audio; raises what the engine raised."""
        piece = await self._pieces.get()
        if piece is None:
            await self._making
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Ends it, and gives its slot back."""
        await end(self._making)

    async def _make(self, engine: Engine) -> None:
        async with aclosing(engine.open(self.utterance)) as stream:
            async for piece in stream:
                self.made_samples += len(piece.samples)
                self._pieces.put_nowait(piece)
        self.finish_reason = stream.finish_reason

    def _end(self, _: asyncio.Task[None]) -> None:
        self._admission.give_back(self._turn)
        self._pieces.put_nowait(None)
