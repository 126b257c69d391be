"""An XTTS engine on a tiny model with random weights, and what its tests ask of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from services.inference.engines.engine import FinishReason, Samples, Utterance
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.options import XttsOptions
from tests.models.tiny_xtts import XttsSize, tiny_xtts_folder

SIZE = XttsSize(vocoder_channel_count=64)
"""Wide enough for oneDNN's fast convolutions: narrower ones take longer."""


@cache
def a_voice(number: int = 0, channel_count: int = SIZE.channel_count) -> XttsConditioning:
    """Returns one of many voices that nobody has."""
    source = torch.Generator().manual_seed(number)
    embedding = torch.randn(512, 1, generator=source)
    return XttsConditioning(
        torch.randn(32, channel_count, generator=source), embedding / embedding.norm()
    )


@asynccontextmanager
async def an_engine(
    slot_count: int = 4, precision: str = "fp32", size: XttsSize = SIZE, device: str = "cpu"
) -> AsyncIterator[XttsEngine]:
    """Loads the model and closes it."""
    options = XttsOptions(device=device, precision=precision, slot_count=slot_count)
    engine = await asyncio.to_thread(XttsEngine.load, tiny_xtts_folder(size), options)
    try:
        yield engine
    finally:
        await engine.aclose()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was heard of an utterance."""

    samples: Samples
    token_count: int
    finish_reason: FinishReason | None


async def spoken(engine: XttsEngine, utterance: Utterance) -> Spoken:
    """Reads an utterance to its end."""
    stream = engine.open(utterance)
    pieces = [piece async for piece in stream]
    return Spoken(
        np.concatenate([piece.samples for piece in pieces]),
        sum(piece.token_count for piece in pieces),
        stream.finish_reason,
    )
