"""The thread of an engine that speaks for several utterances in speaker, a piece at a time."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog
import torch

from services.chassis.errors import ServiceError, UnavailableError
from services.inference.engines.engine import FinishReason, Piece, Priority, Samples
from services.inference.engines.memory_shortage import (
    free_caches,
    is_memory_shortage,
    sacrificed,
)
from services.inference.engines.streams import EngineStream

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Speech:
    """An utterance that has been begun."""

    pieces: Iterator[Samples]
    finish_reason: FinishReason
    """Why it will end when the pieces do."""


@dataclass(slots=True, eq=False)
class _Speaker:
    """An utterance, waiting or begun."""

    stream: EngineStream
    begin: Callable[[], Speech]
    priority: Priority
    arrival: int
    speech: Speech | None = None
    made_samples: int = 0

    @property
    def urgency(self) -> tuple[int, int, int]:
        """The smallest goes first: interactive ones, and among them who has least to listen to."""
        return self.priority.value, self.made_samples, self.arrival


@dataclass(slots=True)
class _Utterances:
    """Who waits and who speaks; whoever holds the condition may change it."""

    waiting: list[_Speaker] = field(default_factory=list)
    speaking: list[_Speaker] = field(default_factory=list)
    is_closed: bool = False


class Turns:
    """Runs a model on a thread of its own, for up to `slot_count` utterances at once.

    An utterance's audio depends on it alone, never on who else speaks: each is computed by itself.
    """

    def __init__(self, slot_count: int, name: str) -> None:
        """Starts the thread; `name` is shown by debuggers."""
        if slot_count < 1:
            raise ValueError("An engine needs at least one slot.")
        self._slot_count = slot_count
        self._changed = threading.Condition()
        self._utterances = _Utterances()
        self._arrivals = itertools.count()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def open(self, begin: Callable[[], Speech], priority: Priority) -> EngineStream:
        """Queues an utterance; `begin` is called on the thread once there is a slot for it.

        Raises UnavailableError after `aclose`.
        """
        stream = EngineStream(on_close=self._wake)
        with self._changed:
            if self._utterances.is_closed:
                raise _closed()
            self._utterances.waiting.append(_Speaker(stream, begin, priority, next(self._arrivals)))
            self._changed.notify()
        return stream

    async def aclose(self) -> None:
        """Ends the thread after the piece that it is at; open streams raise UnavailableError."""
        with self._changed:
            self._utterances.is_closed = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        torch.set_num_threads(1)  # two threads of one model on busy cores take far more than one
        while (speaker := self._next()) is not None:
            outcome = _advance(speaker)
            if outcome is None:
                continue
            with self._changed:
                self._utterances.speaking.remove(speaker)
            if isinstance(outcome, FinishReason):
                speaker.stream.end(outcome)
            else:
                speaker.stream.fail(outcome)
        for speaker in (*self._utterances.speaking, *self._utterances.waiting):
            speaker.stream.fail(_closed())

    def _next(self) -> _Speaker | None:
        """Waits for somebody to speak for, and returns whose turn it is; None after `aclose`."""
        with self._changed:
            self._changed.wait_for(self._admit)
            if self._utterances.is_closed:
                return None
            return min(self._utterances.speaking, key=lambda speaker: speaker.urgency)

    def _admit(self) -> bool:
        """Gives free slots away, and returns whether there is anything to do."""
        now = self._utterances
        now.speaking = [speaker for speaker in now.speaking if not speaker.stream.is_cancelled]
        now.waiting = [speaker for speaker in now.waiting if not speaker.stream.is_cancelled]
        now.waiting.sort(key=lambda speaker: speaker.urgency)
        free = self._slot_count - len(now.speaking)
        now.speaking += now.waiting[:free]
        del now.waiting[:free]
        return now.is_closed or bool(now.speaking)


def _advance(speaker: _Speaker) -> FinishReason | Exception | None:
    """Makes the next piece; returns why the utterance ended, or None when it goes on."""
    try:
        if speaker.speech is None:
            speaker.speech = speaker.begin()
        samples = next(speaker.speech.pieces, None)
    except ServiceError as error:
        return error
    except Exception as error:
        if not is_memory_shortage(error):
            log.exception("utterance.failed")
            return UnavailableError("The model failed at this sentence: see the service's log.")
        speaker.speech = None
        free_caches()
        return sacrificed()
    if samples is None:
        return speaker.speech.finish_reason
    speaker.made_samples += len(samples)
    speaker.stream.put(Piece(samples))
    return None


def _closed() -> UnavailableError:
    return UnavailableError("The model was unloaded: try again.", reason="ENGINE_CLOSED")
