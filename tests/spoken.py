"""What an engine says, as a whole."""

from contextlib import aclosing

import numpy as np

from services.inference.engines.engine import Engine, Samples, Utterance


async def spoken(engine: Engine, utterance: Utterance) -> list[Samples]:
    """Returns the pieces of an utterance."""
    async with aclosing(engine.open(utterance)) as stream:
        return [piece.samples async for piece in stream]


async def speech(engine: Engine, utterance: Utterance) -> Samples:
    """Returns the samples of an utterance."""
    return np.concatenate(await spoken(engine, utterance))
