"""A trial of many XTTS utterances at once: each must sound as it does alone."""

import asyncio
import gc
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from services.inference.engines.engine import FinishReason, Priority, Sampling, Utterance
from services.inference.engines.streams import EngineStream
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.gpt.decoder import SlotDecoder
from services.inference.engines.xtts.speech import Speech
from services.inference.engines.xtts.vocoder import VocoderStream
from tests.xtts_engines import Spoken, a_voice

_WORDS = ("the", "a", "fox", "dog", "river", "seven", "quick", "lazy", "jumps", "over", "sings")
_CANCELLED_SHARE = 1 / 3
_LONGEST_PATIENCE_SECONDS = 0.3
"""About what an utterance takes when many are spoken."""


@dataclass(slots=True)
class Outcome:
    """What came of a trial."""

    whole: int = 0
    cancelled: int = 0
    most_at_once: int = 0
    different: list[int] = field(default_factory=list)
    """Which utterances did not sound as they do alone."""
    finish_reasons: Counter[FinishReason | None] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Patience:
    """When somebody who does not hear an utterance to its end leaves: whatever comes first."""

    share: float
    """Of the samples."""
    seconds: float

    @classmethod
    def some(cls, chance: random.Random) -> Self:
        """Draws one."""
        return cls(chance.uniform(0, 1), chance.uniform(0, _LONGEST_PATIENCE_SECONDS))


def utterances(count: int, seed: int) -> list[Utterance]:
    """Returns utterances that differ in all that an utterance can."""
    chance = random.Random(seed)  # noqa: S311 - a trial that can be repeated
    return [
        Utterance(
            text=" ".join(chance.choices(_WORDS, k=chance.randint(1, 12))),
            language_code=chance.choice(["en", "de", "es"]),
            conditioning=a_voice(chance.randrange(8)),
            sampling=Sampling(
                temperature=chance.uniform(0.5, 1.2),
                top_k=chance.choice([1, 10, 50]),
                top_p=chance.uniform(0.6, 1.0),
                repetition_penalty=chance.uniform(1.0, 8.0),
                seed=chance.randrange(1000),
            ),
            speed=chance.choice([1.0, 1.0, 1.0, 0.8, 1.5]),
            max_seconds=chance.uniform(0.1, 0.9),
            priority=chance.choice(list(Priority)),
            sentence_index=chance.randrange(3),
        )
        for _ in range(count)
    ]


async def try_at_once(
    engine: XttsEngine, alone: Sequence[tuple[Utterance, Spoken]], count: int, seed: int
) -> Outcome:
    """Speaks `count` times one of the utterances, many at once, and cancels a third of them."""
    chance = random.Random(seed)  # noqa: S311 - a trial that can be repeated
    outcome = Outcome()
    left = count
    while left:
        at_once = min(left, chance.randint(1, 24))
        left -= at_once
        outcome.most_at_once = max(outcome.most_at_once, at_once)
        listeners = []
        for _ in range(at_once):
            pick = chance.randrange(len(alone))
            cancelled = chance.random() < _CANCELLED_SHARE
            patience = Patience.some(chance) if cancelled else None
            listeners.append(_listen(engine, pick, alone[pick], patience, outcome))
        await asyncio.gather(*listeners)
    return outcome


async def _listen(
    engine: XttsEngine,
    pick: int,
    expected: tuple[Utterance, Spoken],
    patience: Patience | None,
    outcome: Outcome,
) -> None:
    """Reads an utterance, to its end or as long as there is patience."""
    utterance, whole = expected
    samples = np.zeros(0, dtype=np.float32)
    async with aclosing(engine.open(utterance)) as stream:
        if patience is None:
            async for piece in stream:
                samples = np.concatenate([samples, piece.samples])
            outcome.whole += 1
            outcome.finish_reasons[stream.finish_reason] += 1
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience.seconds):
                    async for piece in stream:
                        samples = np.concatenate([samples, piece.samples])
                        if len(samples) >= patience.share * len(whole.samples):
                            break
            outcome.cancelled += 1
    same = np.array_equal(samples, whole.samples[: len(samples)])
    if stream.finish_reason is not None:
        same = same and stream.finish_reason is whole.finish_reason
    if patience is None:
        same = same and len(samples) == len(whole.samples)
    if not same:
        outcome.different.append(pick)


def held(engine: XttsEngine) -> dict[str, int]:
    """Returns what the engine holds for utterances: all 0 when it does nothing."""
    scheduler = engine._scheduler
    decoder = scheduler._decoding._decoder
    assert isinstance(decoder, SlotDecoder)
    gc.collect()
    alive = Counter(type(one) for one in gc.get_objects())
    return {
        "slots": len(scheduler._decoding._speaking),
        "decoder_slots": decoder.slot_count - decoder.free_slot_count,
        "places": scheduler.under_way_count,
        "waiting": scheduler.waiting_count,
        "chunks": scheduler._chunks.chunk_count,
        "utterances": alive[Speech],
        "vocoder_streams": alive[VocoderStream],
        "streams": alive[EngineStream],
        "tasks": len(asyncio.all_tasks()) - 1,
    }
