"""XTTS on a GPU, from texts to samples."""

import asyncio

import numpy as np
import pytest

from services.inference.engines.engine import ReferenceAudio, Sampling, Utterance
from tests.speech import SAMPLE_RATE_HERTZ, tone
from tests.xtts_engines import a_voice, an_engine, spoken

DEVICE = "cuda"
SENTENCES = ("Good evening.", "The tide had turned before anyone on the pier looked.", "Yes.") * 3


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
async def test_a_sentence_sounds_the_same_alone_beside_others_and_again(precision: str) -> None:
    utterances = [
        Utterance(text, "en", a_voice(number), sampling=Sampling(seed=number))
        for number, text in enumerate(SENTENCES)
    ]
    async with an_engine(precision=precision, device=DEVICE) as engine:
        together = await asyncio.gather(*(spoken(engine, each) for each in utterances))
        alone = [await spoken(engine, each) for each in utterances]

    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.samples, other.samples)
    assert max(np.abs(one.samples).max() for one in alone) > 0


async def test_a_voice_is_heard_on_the_gpu_and_kept_beside_it() -> None:
    async with an_engine(device=DEVICE) as engine:
        voice = await engine.condition([ReferenceAudio(tone(3.0), SAMPLE_RATE_HERTZ)])
        kept = engine.conditioning(voice.to_bytes())
        heard = await spoken(engine, Utterance("Good evening.", "en", kept))

    assert voice.gpt_latents.device.type == "cpu"
    assert len(heard.samples) > 0
