"""Hands audio from an engine's thread to whoever listens on the event loop."""

import asyncio
import threading
from collections.abc import Callable
from typing import Self, TypeVar

from services.inference.engines.engine import FinishReason, Piece

T = TypeVar("T")


def _nothing() -> None:
    """Does nothing: who made the stream need not know that it was closed."""


class EngineStream:
    """The `UtteranceStream` of every engine: one thread puts, one task reads.

    `put`, `end` and `fail` may be called from any thread, never wait, and after the end or a
    close do nothing. Nothing bounds what lies unread but the length of the utterance, so that a
    slow reader keeps no engine waiting.
    """

    def __init__(self, on_close: Callable[[], None] = _nothing) -> None:
        """Makes a stream for a reader on the running event loop.

        `on_close` is called once, on the event loop, when the stream is closed before its end:
        to wake the thread of an engine, which then finds `is_cancelled` true. It must not wait.
        """
        self._loop = asyncio.get_running_loop()
        self._on_close = on_close
        self._arrived: asyncio.Queue[Piece | Exception | None] = asyncio.Queue()
        self._cancelled = threading.Event()
        self._ended = False
        self._finish_reason: FinishReason | None = None

    @property
    def is_cancelled(self) -> bool:
        """True when nobody will read any more; may be asked from any thread."""
        return self._cancelled.is_set()

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the engine ended it, also while audio lies unread; None before, or when it failed."""
        return self._finish_reason

    def put(self, piece: Piece) -> None:
        """Hands the next audio on."""
        self._call(self._arrive, piece)

    def end(self, reason: FinishReason) -> None:
        """Says that all audio was put."""
        self._call(self._finish, reason)

    def fail(self, error: Exception) -> None:
        """Says that no more audio comes: the reader gets what was put, then `error`."""
        self._call(self._finish, error)

    def __aiter__(self) -> Self:
        """Returns itself: what was read is gone."""
        return self

    async def __anext__(self) -> Piece:
        """Returns the next audio; raises what `fail` was given."""
        arrival = await self._arrived.get()
        if isinstance(arrival, Piece):
            return arrival
        self._arrived.put_nowait(None)  # whoever asks again is told again that it is over
        if arrival is not None:
            raise arrival
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Drops what lies unread, ends whoever reads, and tells the engine to stop."""
        while not self._arrived.empty():
            self._arrived.get_nowait()
        self._arrived.put_nowait(None)
        if not self._ended:
            self._ended = True
            self._cancelled.set()
            self._on_close()

    def _call(self, function: Callable[[T], None], argument: T) -> None:
        if self.is_cancelled:
            return
        try:
            self._loop.call_soon_threadsafe(function, argument)
        except RuntimeError:  # the event loop is gone, and with it the reader
            self._cancelled.set()

    def _arrive(self, piece: Piece) -> None:
        if not self._ended:
            self._arrived.put_nowait(piece)

    def _finish(self, outcome: FinishReason | Exception) -> None:
        if self._ended:
            return
        self._ended = True
        if isinstance(outcome, FinishReason):
            self._finish_reason = outcome
            self._arrived.put_nowait(None)
        else:
            self._arrived.put_nowait(outcome)
