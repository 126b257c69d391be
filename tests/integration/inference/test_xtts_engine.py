"""The engine speaks what coqui-tts's parts would, alone and among others."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
import torch

from services.chassis.errors import InvalidInputError, UnavailableError
from services.inference.engines.engine import FinishReason, ReferenceAudio, Sampling, Utterance
from services.inference.engines.vits.engine import VitsSpeaker
from services.inference.engines.xtts.gpt.decoder import Admission, SlotDecoder
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.loading.loaded_xtts import LoadedXtts, load_xtts
from tests.models.tiny_xtts import tiny_xtts_folder
from tests.xtts_engines import SIZE, a_voice, an_engine, spoken

TEXT = "the quick brown fox jumps over the lazy dog."


def an_utterance(text: str = TEXT, seed: int = 3) -> Utterance:
    return Utterance(text, "en", a_voice(), Sampling(seed=seed))


def latents_of(model: LoadedXtts, utterance: Utterance, count: int) -> torch.Tensor:
    """Decodes an utterance by itself; its first latents, of shape (count, channels)."""
    decoder = SlotDecoder(model.gpt, slot_count=1)
    voice = decoder.conditioning_cache(a_voice().gpt_latents)
    tokens = model.tokenize(utterance.text, utterance.language_code)
    decoder.admit([Admission(voice, tokens, utterance.sampling, 0, count)])
    return torch.stack([decoder.step().latents[0].clone() for _ in range(count)])


async def test_its_audio_is_coquis_full_decode_of_the_same_latents() -> None:
    utterance = an_utterance()
    async with an_engine() as engine:
        heard = await spoken(engine, utterance)
    model = load_xtts(tiny_xtts_folder(SIZE), torch.device("cpu"))
    latents = latents_of(model, utterance, heard.token_count)
    with torch.no_grad():
        expected = model.vocoder(latents[None], g=a_voice().speaker_embedding[None])

    assert heard.token_count > 20
    assert heard.finish_reason is FinishReason.COMPLETE
    assert heard.samples.shape == expected.flatten().shape
    assert np.abs(heard.samples - expected.flatten().numpy()).max() < 1e-5
    assert np.abs(heard.samples).max() > 0.01


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
async def test_a_seed_gives_the_same_audio_alone_and_in_a_full_batch(precision: str) -> None:
    utterances = [
        replace(
            an_utterance(TEXT[: 8 + 5 * number], seed=number),
            conditioning=a_voice(number % 3),
            max_seconds=0.6 + 0.1 * number,
        )
        for number in range(6)
    ]
    async with an_engine(precision=precision) as engine:
        alone = [await spoken(engine, utterance) for utterance in utterances]
        together = await asyncio.gather(*(spoken(engine, each) for each in utterances))

    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.samples, other.samples)
    assert len({one.samples.tobytes() for one in alone}) == len(alone)


async def test_another_seed_or_sentence_sounds_different() -> None:
    async with an_engine() as engine:
        one = await spoken(engine, an_utterance())
        again = await spoken(engine, an_utterance())
        other_seed = await spoken(engine, an_utterance(seed=4))
        other_sentence = await spoken(engine, replace(an_utterance(), sentence_index=1))

    assert np.array_equal(one.samples, again.samples)
    assert not np.array_equal(one.samples[:2000], other_seed.samples[:2000])
    assert not np.array_equal(one.samples[:2000], other_sentence.samples[:2000])


async def test_speed_changes_the_length_alone() -> None:
    async with an_engine() as engine:
        normal = await spoken(engine, an_utterance())
        fast = await spoken(engine, replace(an_utterance(), speed=2.0))

    assert fast.token_count == normal.token_count
    assert len(fast.samples) == pytest.approx(len(normal.samples) / 2, rel=0.02)


async def test_the_caller_bounds_the_length_of_the_audio() -> None:
    async with an_engine() as engine:
        cut = await spoken(engine, replace(an_utterance(), max_seconds=0.5))

    assert 0.45 < len(cut.samples) / 24_000 <= 0.5
    assert cut.finish_reason is FinishReason.MAX_LENGTH


async def test_a_model_that_finds_no_end_is_stopped_as_a_runaway() -> None:
    async with an_engine(size=replace(SIZE, stop_bias=-1e9)) as engine:
        runaway = await spoken(engine, an_utterance("Hm."))

    assert runaway.finish_reason is FinishReason.RUNAWAY
    assert len(runaway.samples) / 24_000 < 2.6


async def test_a_voice_is_cloned_kept_and_speaks() -> None:
    async with an_engine() as engine:
        noise = np.random.default_rng(0).standard_normal(24_000).astype(np.float32) * 0.1
        voice = await engine.condition([ReferenceAudio(noise, 24_000)])
        kept = engine.conditioning(voice.to_bytes())
        utterance = replace(an_utterance(), max_seconds=0.5)
        one = await spoken(engine, replace(utterance, conditioning=voice))
        other = await spoken(engine, replace(utterance, conditioning=kept))

        assert np.array_equal(one.samples, other.samples)


async def test_what_it_cannot_speak_is_refused_with_the_reason() -> None:
    async with an_engine(slot_count=1) as engine:
        refusals = {
            "UNSUPPORTED_LANGUAGE": replace(an_utterance(), language_code="tlh"),
            "TEXT_TOO_LONG": an_utterance("a" * 1000),
            "VOICE_MISMATCH": replace(an_utterance(), conditioning=VitsSpeaker("joe")),
        }
        for reason, utterance in refusals.items():
            with pytest.raises(InvalidInputError) as refusal:
                engine.open(utterance)
            assert refusal.value.reason == reason
        with pytest.raises(InvalidInputError, match="needs a voice"):
            engine.open(replace(an_utterance(), conditioning=None))
        other_size = XttsConditioning(torch.zeros(32, 7), torch.zeros(512, 1))
        with pytest.raises(InvalidInputError):
            await spoken(engine, replace(an_utterance(), conditioning=other_size))

        assert (await spoken(engine, an_utterance())).finish_reason is FinishReason.COMPLETE


async def test_a_closed_engine_says_so() -> None:
    async with an_engine() as engine:
        await engine.aclose()

        with pytest.raises(UnavailableError):
            engine.open(an_utterance())


async def test_it_says_what_it_is() -> None:
    async with an_engine(slot_count=3) as engine:
        assert (engine.kind.value, engine.device, engine.precision) == ("xtts", "cpu", "fp32")
        assert (engine.slot_count, engine.sample_rate_hertz) == (3, 24_000)
        assert "en" in engine.language_codes
        assert engine.max_characters("en") == 250
        assert engine.memory_bytes > 10_000_000
        assert not engine.is_broken
