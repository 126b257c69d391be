"""Our engine, measured as a caller in the same process hears it."""

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

from services.inference.engines.engine import Sampling, Utterance
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.length_limit import RunawayGuard
from services.inference.engines.xtts.options import XttsOptions
from tests.bench.inference.costs import TEXTS, Cost, Costs, Listener, Stopwatch, note_memory
from tests.xtts_engines import a_voice


async def measure(folder: Path, seconds: list[int], precision: str, stream_count: int) -> Costs:
    """Loads the model and lets it speak: one after the other, then several at once."""
    options = XttsOptions(
        device="cpu", precision=precision, slot_count=stream_count, guard=RunawayGuard(seconds=600)
    )
    costs, started = Costs(), time.perf_counter()
    engine = await asyncio.to_thread(XttsEngine.load, folder, options)
    costs.load_seconds = time.perf_counter() - started
    note_memory(costs)
    await _speak(engine, TEXTS[6], 1)
    for length in seconds:
        costs.alone[str(length)] = await _speak(engine, TEXTS[length], length)
    costs.together = await _speak_together(engine, stream_count, seconds[0])
    await engine.aclose()
    return costs


async def _speak(engine: XttsEngine, text: str, seconds: int, seed: int = 0) -> Cost:
    utterance = Utterance(
        text, "en", a_voice(channel_count=1024), Sampling(seed=seed), max_seconds=seconds
    )
    listener = Listener(Stopwatch())
    async with aclosing(engine.open(utterance)) as stream:
        async for piece in stream:
            listener.hear(len(piece.samples) / engine.sample_rate_hertz)
    return listener.cost()


async def _speak_together(engine: XttsEngine, count: int, seconds: int) -> Cost:
    """Returns the cost of all: the mean first audio, the longest gap."""
    watch = Stopwatch()
    each = await asyncio.gather(
        *(_speak(engine, TEXTS[seconds], seconds, seed) for seed in range(count))
    )
    cpu, wall = watch.read()
    return Cost(
        audio_seconds=sum(one.audio_seconds for one in each),
        cpu_seconds=cpu,
        wall_seconds=wall,
        first_cpu_seconds=sum(one.first_cpu_seconds for one in each) / count,
        first_wall_seconds=sum(one.first_wall_seconds for one in each) / count,
        gap_seconds=max(one.gap_seconds for one in each),
    )
