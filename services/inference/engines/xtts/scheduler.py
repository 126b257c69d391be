"""Two threads, one for the GPT and one for the vocoder, and the lines between them."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog
import torch

from services.chassis.errors import ServiceError, UnavailableError
from services.inference.engines.engine import Utterance
from services.inference.engines.streams import EngineStream
from services.inference.engines.xtts.chunk_line import ChunkLine
from services.inference.engines.xtts.chunk_schedule import ChunkSchedule
from services.inference.engines.xtts.decoding import Decoding, Tokenize
from services.inference.engines.xtts.length_limit import LengthLimit
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.model_parts import TokenDecoder, TokenVocoder
from services.inference.engines.xtts.speech import Speech
from services.inference.engines.xtts.vocoding import Vocoding
from services.inference.engines.xtts.voice_caches import VoiceCaches
from services.inference.engines.xtts.waiting_line import WaitingLine

log = structlog.get_logger()

_PLACES_PER_SLOT = 2
"""Utterances under way for each slot: one is decoded while the last one's audio is made."""


class _Work(Protocol):
    """What a thread does."""

    def run(self) -> None:
        """Works until its line is closed."""

    def end(self, error: Callable[[], Exception]) -> None:
        """Fails what it was busy with, and lets go of the model."""


class Scheduler:
    """Speaks several utterances at once; each sounds as it would alone.

    An utterance is at any time in one of four hands, which fail it when the engine ends: the line
    of those who wait, the thread that decodes, the line of chunks, the thread that vocodes.
    """

    def __init__(
        self,
        decoder: TokenDecoder,
        vocoder: TokenVocoder,
        tokenize: Tokenize,
        *,
        schedule: ChunkSchedule,
        voice_count: int,
    ) -> None:
        """Starts the threads, which alone use `decoder` and `vocoder` from now on.

        `voice_count` voices are kept as the decoder reads them.
        """
        self._schedule = schedule
        self._waiting = WaitingLine(decoder.slot_count * _PLACES_PER_SLOT)
        self._chunks = ChunkLine(on_gone=self._waiting.leave)
        voices = VoiceCaches(decoder, voice_count)
        self._decoding = Decoding(decoder, tokenize, voices, self._waiting, self._chunks)
        vocoding = Vocoding(vocoder, self._chunks, self._waiting)
        self._is_broken = False
        self._threads = [
            threading.Thread(target=self._work, args=(work,), name=name, daemon=True)
            for work, name in ((self._decoding, "xtts-gpt"), (vocoding, "xtts-vocoder"))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_broken(self) -> bool:
        """True after a failure that only loading the model again can mend."""
        return self._is_broken

    @property
    def waiting_count(self) -> int:
        """How many utterances wait to be begun."""
        return self._waiting.waiting_count

    @property
    def under_way_count(self) -> int:
        """How many utterances are decoded now, or wait for the rest of their audio."""
        return self._waiting.under_way_count

    def open(
        self, utterance: Utterance, conditioning: XttsConditioning, limit: LengthLimit
    ) -> EngineStream:
        """Queues an utterance. Raises UnavailableError when the engine was closed, or is broken."""
        stream = EngineStream(on_close=self._wake)
        self._waiting.join(
            Speech(
                utterance=utterance,
                conditioning=conditioning,
                limit=limit,
                stream=stream,
                chunk_sizes=self._schedule.chunks(),
                opened_at=time.monotonic(),
            )
        )
        return stream

    async def aclose(self) -> None:
        """Ends the threads after what they are at; open streams raise UnavailableError."""
        self._close(_closed)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _wake(self) -> None:
        self._waiting.wake()
        self._chunks.wake()

    def _close(self, error: Callable[[], ServiceError]) -> None:
        self._waiting.close(error)
        self._chunks.close(error)

    def _work(self, work: _Work) -> None:
        torch.set_num_threads(1)  # two threads of one model on busy cores take far more than one
        try:
            work.run()
        except Exception:
            self._is_broken = True
            log.exception("engine.broke")
            self._close(_broken)
        work.end(_broken if self._is_broken else _closed)


def _closed() -> UnavailableError:
    return UnavailableError("The model was unloaded: try again.", reason="ENGINE_CLOSED")


def _broken() -> UnavailableError:
    return UnavailableError(
        "The model failed and must be loaded again: try again in a while.", reason="ENGINE_BROKEN"
    )
