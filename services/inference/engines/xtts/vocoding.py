"""The thread that vocodes: from latents to audio, a chunk of one utterance at a time."""

import time
from collections.abc import Callable

from services.inference.engines.memory_shortage import (
    free_caches,
    is_memory_shortage,
    sacrificed,
)
from services.inference.engines.xtts.chunk_line import ChunkLine
from services.inference.engines.xtts.model_parts import TokenVocoder
from services.inference.engines.xtts.speech import Chunk, Speech
from services.inference.engines.xtts.waiting_line import WaitingLine


class Vocoding:
    """Takes chunks in the order of their urgency; each is computed by itself.

    So an utterance's audio does not depend on who else speaks.
    """

    def __init__(self, vocoder: TokenVocoder, chunks: ChunkLine, waiting: WaitingLine) -> None:
        """Touches `vocoder` not before `run`."""
        self._vocoder = vocoder
        self._chunks = chunks
        self._waiting = waiting
        self._current: Speech | None = None

    def run(self) -> None:
        """Vocodes until the line of chunks is closed; sleeps when there is nothing."""
        while self._turn():
            pass

    def end(self, error: Callable[[], Exception]) -> None:
        """Fails what it was busy with, and lets go of the model, after `run` returned or raised."""
        if self._current is not None:
            self._current.fail(error())
        del self._vocoder

    def _turn(self) -> bool:
        """Vocodes one chunk; returns whether to go on. While it waits it holds nobody."""
        taken = self._chunks.take()
        if taken is None:
            return False
        self._current, chunk = taken
        self._vocode(self._current, chunk)
        self._current = None
        if chunk.finish_reason is not None:
            self._waiting.leave()
        return True

    def _vocode(self, speech: Speech, chunk: Chunk) -> None:
        try:
            speech.vocode(chunk, self._vocoder, time.monotonic())
        except Exception as error:
            if not is_memory_shortage(error):
                raise
            free_caches()
            speech.fail(sacrificed())
