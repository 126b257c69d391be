"""A scheduler over a decoder and a vocoder without a model."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import torch

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import FinishReason, Priority, Sampling, Utterance
from services.inference.engines.streams import EngineStream
from services.inference.engines.xtts.chunk_schedule import ChunkSchedule
from services.inference.engines.xtts.length_limit import LengthLimit
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.scheduler import Scheduler
from tests.fakes.slot_decoder import FakeDecoder, FakeVocoder

NO_LIMIT = LengthLimit(600, FinishReason.MAX_LENGTH)


def a_voice(value: float = 0.5) -> XttsConditioning:
    """Returns a voice that is told from others by `value`."""
    return XttsConditioning(torch.full((3, 1), value), torch.zeros(4, 1))


def tokenize(text: str, language_code: str) -> list[int]:
    """Returns the characters' codes; refuses what the model cannot read."""
    if text.startswith("unreadable"):
        raise InvalidInputError("Cannot be read.")
    return [ord(character) for character in text]


@dataclass(slots=True)
class Speaking:
    """The scheduler, and what it works with."""

    scheduler: Scheduler
    decoder: FakeDecoder
    vocoder: FakeVocoder

    def open(
        self,
        text: str = "hello",
        *,
        seed: int = 0,
        priority: Priority = Priority.INTERACTIVE,
        limit: LengthLimit = NO_LIMIT,
        voice: XttsConditioning | None = None,
    ) -> EngineStream:
        """Begins an utterance of as many tokens as `text` has characters."""
        utterance = Utterance(text, "en", sampling=Sampling(seed=seed), priority=priority)
        return self.scheduler.open(utterance, voice or a_voice(), limit)

    @property
    def is_empty(self) -> bool:
        """True when no slot, no place and no memory is held for anybody."""
        parts = self.scheduler
        return (
            not self.decoder.speaking
            and parts.under_way_count == parts.waiting_count == parts._chunks.chunk_count == 0
        )


@asynccontextmanager
async def speaking(
    slot_count: int = 2, schedule: Sequence[int] = (2, 3, 4), voice_count: int = 4
) -> AsyncIterator[Speaking]:
    """Runs a scheduler."""
    decoder, vocoder = FakeDecoder(slot_count), FakeVocoder()
    scheduler = Scheduler(
        decoder,
        vocoder,
        tokenize,
        schedule=ChunkSchedule(tuple(schedule)),
        voice_count=voice_count,
    )
    try:
        yield Speaking(scheduler, decoder, vocoder)
    finally:
        decoder.may_step.set()
        await scheduler.aclose()


async def audio_of(stream: EngineStream) -> list[float]:
    """Reads a stream to its end; returns one number for each token."""
    pieces = [piece async for piece in stream]
    return [float(value) for piece in pieces for value in piece.samples[::10]]
