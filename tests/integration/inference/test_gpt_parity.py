"""The slot decoder speaks as coqui-tts does."""

import pytest
import torch
from torch import Tensor

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, EndReason, SlotDecoder
from services.inference.engines.xtts.gpt.latent_error import latent_error
from services.inference.engines.xtts.gpt.precision import Precision
from tests.decoding import Prompt, decoded, prompts
from tests.models.random_gpt import TINY, coqui_tokens, random_gpt

GREEDY = Sampling(top_k=1, repetition_penalty=10.0)


def expected(gpt: object, prompt: Prompt, count: int = 100) -> tuple[list[int], Tensor]:
    return coqui_tokens(gpt, prompt.conditioning, prompt.text_tokens, count)


def test_greedy_tokens_and_latents_are_coquis_for_prompts_that_join_at_different_steps() -> None:
    gpt = random_gpt(TINY)
    decoder = SlotDecoder(gpt, slot_count=6)
    asked = prompts(24, width=decoder.latent_size)
    # Fewer slots than prompts: they join as others end, so every slot is used again.
    spoken = decoded(decoder, asked, GREEDY, max_tokens=20, steps_between=3)
    for prompt, utterance in zip(asked, spoken, strict=True):
        tokens, latents = expected(gpt, prompt, 20)
        assert utterance.tokens == tokens
        torch.testing.assert_close(utterance.latents, latents, atol=1e-5, rtol=0)
        assert utterance.ended is EndReason.MAX_TOKENS
    assert len({tuple(utterance.tokens) for utterance in spoken}) == len(asked)


def test_it_ends_where_coqui_ends_with_the_stop_token_and_its_latent() -> None:
    gpt = random_gpt(TINY, stop_bias=3.5)
    decoder = SlotDecoder(gpt, slot_count=4)
    asked = prompts(12, width=decoder.latent_size)
    lengths = set()
    for prompt, utterance in zip(asked, decoded(decoder, asked, GREEDY), strict=True):
        tokens, latents = expected(gpt, prompt)
        assert utterance.tokens == tokens
        assert utterance.latents.shape == latents.shape
        assert (utterance.ended is EndReason.STOP) == (tokens[-1] == gpt.stop_audio_token)
        if utterance.ended is EndReason.STOP:
            lengths.add(len(tokens))
    assert len(lengths) > 1, "the prompts should end, and not all at once"


def test_it_says_no_more_than_coqui_whatever_is_asked() -> None:
    gpt = random_gpt(TINY)
    decoder = SlotDecoder(gpt, slot_count=1)
    asked = prompts(1, width=decoder.latent_size)
    (utterance,) = decoded(decoder, asked, GREEDY, max_tokens=10_000)
    tokens, _ = expected(gpt, asked[0], 10_000)
    assert utterance.tokens == tokens
    assert len(tokens) == decoder.max_tokens
    assert utterance.ended is EndReason.MAX_TOKENS


@pytest.mark.parametrize("penalty", [1.0, 2.0, 10.0])
def test_the_repetition_penalty_also_meets_the_tokens_coqui_fills_its_prompt_with(
    penalty: float,
) -> None:
    gpt = random_gpt(TINY)
    for token in (1, gpt.start_audio_token):
        gpt.mel_head.bias[token] += 4
    decoder = SlotDecoder(gpt, slot_count=1)
    asked = prompts(1, width=decoder.latent_size)
    sampling = Sampling(top_k=1, repetition_penalty=penalty)
    (utterance,) = decoded(decoder, asked, sampling, max_tokens=12)
    prompt = asked[0]
    tokens, _ = coqui_tokens(
        gpt, prompt.conditioning, prompt.text_tokens, 12, repetition_penalty=penalty
    )
    assert utterance.tokens == tokens


def test_emptying_the_source_changes_nothing() -> None:
    gpt = random_gpt(TINY)
    asked = prompts(2, width=gpt.model_dim)
    kept = decoded(SlotDecoder(gpt, slot_count=2), asked, GREEDY, max_tokens=10)
    moved = decoded(SlotDecoder(gpt, slot_count=2, consume=True), asked, GREEDY, max_tokens=10)
    assert [utterance.tokens for utterance in moved] == [utterance.tokens for utterance in kept]
    assert gpt.gpt.h[0].mlp.c_fc.weight.numel() == 0


def test_the_latents_of_given_tokens_are_those_of_the_steps() -> None:
    gpt = random_gpt(TINY)
    decoder = SlotDecoder(gpt, slot_count=1)
    (prompt,) = prompts(1, width=decoder.latent_size)
    (utterance,) = decoded(decoder, [prompt], GREEDY, max_tokens=20)
    latents = decoder.latents_of(prompt.conditioning, prompt.text_tokens, utterance.tokens)
    torch.testing.assert_close(latents, utterance.latents, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("precision", "bound"), [(Precision.BF16, 0.01), (Precision.INT8, 0.03)])
def test_a_coarser_precision_stays_close_to_float32(precision: Precision, bound: float) -> None:
    gpt = random_gpt(TINY)
    (prompt,) = prompts(1, width=gpt.model_dim)
    tokens = list(range(2, 42))
    exact, rough = (
        SlotDecoder(gpt, slot_count=1, precision=each).latents_of(
            prompt.conditioning, prompt.text_tokens, tokens
        )
        for each in (Precision.FP32, precision)
    )
    error = latent_error(exact, rough)
    assert 0 < error.rms_ratio < bound
    assert error.rms_ratio < error.max_ratio < 10 * bound
    assert 1 - bound**2 < error.cosine < 1


def test_a_voice_read_once_serves_any_text() -> None:
    gpt = random_gpt(TINY)
    decoder = SlotDecoder(gpt, slot_count=2)
    first, second = prompts(2, width=decoder.latent_size)
    voice = decoder.conditioning_cache(first.conditioning)
    requests = [
        Admission(voice, prompt.text_tokens, GREEDY, noise_seed=0, max_tokens=3)
        for prompt in (first, second)
    ]
    decoder.admit(requests)
    tokens = [decoder.step().tokens for _ in range(3)]
    for row, prompt in enumerate((first, second)):
        reference = Prompt(first.conditioning, prompt.text_tokens)
        assert [step[row] for step in tokens] == expected(gpt, reference, 3)[0]
