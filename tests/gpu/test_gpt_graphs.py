"""The slot decoder on a GPU: graphs say what coqui says, and neighbours change nothing."""

import warnings

import pytest
import torch

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, SlotDecoder
from services.inference.engines.xtts.gpt.latent_error import latent_error
from services.inference.engines.xtts.gpt.precision import Precision
from tests.decoding import decoded, prompts
from tests.models.random_gpt import FULL_SIZE, coqui_tokens, random_gpt

SIZES = FULL_SIZE | {"layers": 4}
GREEDY = Sampling(top_k=1, repetition_penalty=10.0)
SEEDED = Sampling(seed=11)
ON_GPU = [Precision.FP32, Precision.BF16, Precision.FP16]


@pytest.mark.parametrize("steps_per_replay", [1, 4])
def test_greedy_tokens_and_latents_are_coquis_on_the_cpu(steps_per_replay: int) -> None:
    gpt = random_gpt(SIZES)
    decoder = SlotDecoder(gpt, slot_count=8, device="cuda", steps_per_replay=steps_per_replay)
    asked = prompts(20, width=decoder.latent_size)
    spoken = decoded(decoder, asked, GREEDY, max_tokens=40, steps_between=2)
    for prompt, utterance in zip(asked, spoken, strict=True):
        tokens, latents = coqui_tokens(gpt, prompt.conditioning, prompt.text_tokens, 40)
        assert utterance.tokens == tokens
        torch.testing.assert_close(utterance.latents.cpu(), latents, atol=1e-4, rtol=0)


@pytest.mark.parametrize("precision", ON_GPU)
def test_an_utterance_is_the_same_to_the_bit_alone_and_in_a_full_batch(
    precision: Precision,
) -> None:
    decoder = SlotDecoder(random_gpt(SIZES), slot_count=32, precision=precision, device="cuda")
    # Some reach further blocks of positions than others that speak beside them.
    asked = prompts(40, width=decoder.latent_size)
    together = decoded(decoder, asked, SEEDED, max_tokens=120, steps_between=1)
    for prompt, utterance in zip(asked, together, strict=True):
        (solo,) = decoded(decoder, [prompt], SEEDED, max_tokens=120)
        assert solo.tokens == utterance.tokens
        assert torch.equal(solo.latents, utterance.latents)


@pytest.mark.parametrize(("precision", "bound"), [(Precision.BF16, 0.05), (Precision.FP16, 0.01)])
def test_half_precision_stays_close_to_float32(precision: Precision, bound: float) -> None:
    gpt = random_gpt(SIZES)
    (prompt,) = prompts(1, width=gpt.model_dim)
    exact, rough = (
        SlotDecoder(gpt, slot_count=1, precision=each, device="cuda").latents_of(
            prompt.conditioning, prompt.text_tokens, range(2, 102)
        )
        for each in (Precision.FP32, precision)
    )
    assert 0 < latent_error(exact, rough).rms_ratio < bound


def test_a_step_waits_for_the_device_only_to_read_the_tokens() -> None:
    decoder = SlotDecoder(random_gpt(SIZES), slot_count=4, device="cuda")
    (prompt,) = prompts(1, width=decoder.latent_size)
    voice = decoder.conditioning_cache(prompt.conditioning)
    decoder.admit([Admission(voice, prompt.text_tokens, SEEDED, noise_seed=0, max_tokens=20)])
    decoder.step()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")  # to switch the mode on warns, too
        torch.cuda.set_sync_debug_mode("warn")
        try:
            decoder.step()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    waits = [one for one in caught if "called a synchronizing" in str(one.message)]
    # The tokens, and the index of the rows that go out.
    assert 1 <= len(waits) <= 2
