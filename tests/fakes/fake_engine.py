"""An engine that hums: a tone for each utterance, and nothing that is slow."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.chassis.errors import InvalidInputError, UnavailableError
from services.inference.engines.engine import (
    Conditioning,
    EngineKind,
    FinishReason,
    Piece,
    ReferenceAudio,
    Samples,
    Utterance,
)

RATE = 16_000
PIECE_SAMPLES = 1_600
"""A tenth of a second."""
SAMPLES_PER_CHARACTER = 800


@dataclass(frozen=True)
class FakeConditioning:
    """A voice, by its loudness."""

    content: bytes = b"voice"

    def to_bytes(self) -> bytes:
        return self.content


def hum(utterance: Utterance) -> Samples:
    """Returns what an utterance sounds like: its text, seed and place decide the tone."""
    count = len(utterance.text) * SAMPLES_PER_CHARACTER
    known = f"{utterance.text}|{utterance.sampling.seed}|{utterance.sentence_index}"
    if utterance.conditioning:
        known += utterance.conditioning.to_bytes().decode()
    hertz = 100 + zlib.crc32(known.encode()) % 1000
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(count) / RATE)).astype(np.float32)


class FakeEngine:
    """Makes utterances as fast as they are read, or only as far as `allow` lets it."""

    def __init__(
        self,
        *,
        kind: EngineKind = EngineKind.VITS,
        slot_count: int = 2,
        can_clone: bool = False,
        language_codes: frozenset[str] = frozenset({"en"}),
        memory_bytes: int = 100,
        is_held: bool = False,
    ) -> None:
        self.kind = kind
        self.slot_count = slot_count
        self.can_clone = can_clone
        self.language_codes = language_codes
        self.memory_bytes = memory_bytes
        self.sample_rate_hertz = RATE
        self.device = "cpu"
        self.precision = "fp32"
        self.opened: list[Utterance] = []
        self.open_streams: set[FakeStream] = set()
        self.most_open_count = 0
        self.is_closed = False
        self.finish_reason = FinishReason.COMPLETE
        self.failure: Exception | None = None
        self.ignores_limits = False
        self.going = asyncio.Event()
        if not is_held:
            self.going.set()

    def max_characters(self, language_code: str) -> int:
        return 120

    async def condition(self, references: Sequence[ReferenceAudio]) -> FakeConditioning:
        return FakeConditioning()

    def conditioning(self, content: bytes) -> Conditioning:
        if not content:
            raise InvalidInputError("This is no voice.")
        return FakeConditioning(content)

    def speaker(self, name: str) -> FakeConditioning:
        return FakeConditioning(name.encode())

    def open(self, utterance: Utterance) -> "FakeStream":
        stream = FakeStream(self, utterance)
        self.opened.append(utterance)
        self.open_streams.add(stream)
        self.most_open_count = max(self.most_open_count, len(self.open_streams))
        return stream

    async def aclose(self) -> None:
        self.is_closed = True
        self.going.set()


@dataclass(eq=False)
class FakeStream:
    """The audio of an utterance."""

    engine: FakeEngine
    utterance: Utterance
    finish_reason: FinishReason | None = None
    read_count: int = field(default=0)

    async def __aiter__(self) -> AsyncIterator[Piece]:
        if self.utterance.text.startswith("Mm"):
            raise InvalidInputError("Nothing can be spoken.", reason="NOTHING_TO_SPEAK")
        limit = int(self.utterance.max_seconds * RATE)
        samples = hum(self.utterance)[: None if self.engine.ignores_limits else limit]
        for start in range(0, len(samples), PIECE_SAMPLES):
            await self.engine.going.wait()
            await asyncio.sleep(0)
            if self.engine.is_closed:
                raise UnavailableError("The engine was closed.")
            if self.engine.failure:
                raise self.engine.failure
            self.read_count += 1
            yield Piece(samples[start : start + PIECE_SAMPLES], token_count=2)
        whole = len(self.utterance.text) * SAMPLES_PER_CHARACTER
        cut = whole > len(samples)
        self.finish_reason = FinishReason.MAX_LENGTH if cut else self.engine.finish_reason

    async def aclose(self) -> None:
        self.engine.open_streams.discard(self)
