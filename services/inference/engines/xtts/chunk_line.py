"""Chunks on their way from the thread that decodes to the one that vocodes."""

import threading
import time
from collections import deque
from collections.abc import Callable

from services.inference.engines.xtts.speech import Chunk, Speech


class ChunkLine:
    """Each utterance's chunks in order; among utterances, the one whose listener has least left."""

    def __init__(self, on_gone: Callable[[], None]) -> None:
        """`on_gone` is called for each utterance that was over before its last chunk was taken."""
        self._changed = threading.Condition()
        self._chunks: dict[Speech, deque[Chunk]] = {}
        self._on_gone = on_gone
        self._closed_by: Callable[[], Exception] | None = None

    @property
    def chunk_count(self) -> int:
        """How many chunks lie here."""
        with self._changed:
            return sum(len(chunks) for chunks in self._chunks.values())

    def put(self, speech: Speech, chunk: Chunk) -> None:
        """Adds the next chunk of an utterance; after a close the utterance fails."""
        with self._changed:
            if self._closed_by is not None:
                speech.fail(self._closed_by())
                return
            self._chunks.setdefault(speech, deque()).append(chunk)
            self._changed.notify()

    def take(self) -> tuple[Speech, Chunk] | None:
        """Waits for a chunk and returns the most urgent one; None when the line was closed."""
        with self._changed:
            self._changed.wait_for(self._can_give)
            if self._closed_by is not None:
                return None
            now = time.monotonic()
            speech = min(self._chunks, key=lambda one: one.lead_seconds(now))
            chunk = self._chunks[speech].popleft()
            if not self._chunks[speech]:
                del self._chunks[speech]
            return speech, chunk

    def wake(self) -> None:
        """Says that an utterance may be over."""
        with self._changed:
            self._changed.notify()

    def close(self, error: Callable[[], Exception]) -> None:
        """Fails all utterances that have chunks here, and from now on those that bring some."""
        with self._changed:
            if self._closed_by is None:
                self._closed_by = error
            for speech in self._chunks:
                speech.fail(error())
            self._chunks.clear()
            self._changed.notify_all()

    def _can_give(self) -> bool:
        for speech in [one for one in self._chunks if one.is_over]:
            if self._chunks.pop(speech)[-1].finish_reason is not None:
                self._on_gone()
        return self._closed_by is not None or bool(self._chunks)
