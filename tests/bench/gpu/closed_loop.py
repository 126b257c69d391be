"""So many listeners, each asking for the next utterance as soon as it has heard the last."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from services.inference.engines.engine import Conditioning, Engine, Sampling, Utterance


@dataclass(frozen=True, slots=True)
class Heard:
    """What one utterance was like for who listened."""

    first_audio_seconds: float
    total_seconds: float
    audio_seconds: float
    longest_gap_seconds: float
    """How long a player that began with the first piece stood still at most."""


@dataclass(frozen=True, slots=True)
class Load:
    """What many were like."""

    concurrency: int
    wall_seconds: float
    first: Sequence[Heard]
    """The utterances that all began at once."""
    later: Sequence[Heard]

    @property
    def audio_rate(self) -> float:
        """Seconds of audio a second."""
        return sum(one.audio_seconds for one in (*self.first, *self.later)) / self.wall_seconds


async def closed_loop(
    engine: Engine,
    voice: Conditioning,
    texts: Sequence[str],
    *,
    concurrency: int,
    rounds: int,
    max_seconds: float,
) -> Load:
    """Lets `concurrency` listeners hear `rounds` utterances each."""

    async def listener(number: int) -> list[Heard]:
        heard = []
        for turn in range(rounds):
            text = texts[(number + turn * concurrency) % len(texts)]
            seed = number * rounds + turn
            utterance = Utterance(
                text, "en", voice, sampling=Sampling(seed=seed), max_seconds=max_seconds
            )
            heard.append(await _hear(engine, utterance))
        return heard

    begin = time.perf_counter()
    all_heard = await asyncio.gather(*(listener(number) for number in range(concurrency)))
    wall = time.perf_counter() - begin
    first = [heard[0] for heard in all_heard]
    later = [one for heard in all_heard for one in heard[1:]]
    return Load(concurrency, wall, first, later)


async def _hear(engine: Engine, utterance: Utterance) -> Heard:
    begin = time.perf_counter()
    first = played = gap = 0.0
    async with aclosing(engine.open(utterance)) as stream:
        async for piece in stream:
            now = time.perf_counter() - begin
            first = first or now
            gap = max(gap, now - first - played)
            played += len(piece.samples) / engine.sample_rate_hertz
    return Heard(first, time.perf_counter() - begin, played, gap)
