"""What a GPU replays as a graph, here computed step by step on a CPU."""

import pytest
import torch

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, SlotDecoder
from tests.decoding import decoded, prompts
from tests.models.random_gpt import TINY, coqui_tokens, random_gpt

GREEDY = Sampling(top_k=1, repetition_penalty=10.0)
SEEDED = Sampling(temperature=0.9, top_k=40, top_p=0.95, repetition_penalty=3.0, seed=7)
WIDTH = TINY["model_dim"]


@pytest.mark.parametrize("steps_per_replay", [1, 3])
def test_greedy_tokens_and_latents_are_coquis(steps_per_replay: int) -> None:
    gpt = random_gpt(TINY, stop_bias=3.5)
    decoder = SlotDecoder(gpt, slot_count=4, slot_buckets=[4], steps_per_replay=steps_per_replay)
    asked = prompts(12, width=WIDTH)
    # Long enough for a second block of positions to be read.
    spoken = decoded(decoder, asked, GREEDY, steps_between=2)
    for prompt, utterance in zip(asked, spoken, strict=True):
        tokens, latents = coqui_tokens(gpt, prompt.conditioning, prompt.text_tokens, 100)
        assert utterance.tokens == tokens
        torch.testing.assert_close(utterance.latents, latents, atol=1e-5, rtol=0)


@pytest.mark.parametrize("steps_per_replay", [1, 4])
def test_an_utterance_is_the_same_to_the_bit_alone_and_in_a_full_batch(
    steps_per_replay: int,
) -> None:
    gpt = random_gpt(TINY, stop_bias=1)
    decoder = SlotDecoder(gpt, slot_count=4, slot_buckets=[4], steps_per_replay=steps_per_replay)
    asked = prompts(9, width=WIDTH)
    together = decoded(decoder, asked, SEEDED, max_tokens=50, steps_between=3)
    for prompt, utterance in zip(asked, together, strict=True):
        (solo,) = decoded(decoder, [prompt], SEEDED, max_tokens=50)
        assert solo.tokens == utterance.tokens
        assert torch.equal(solo.latents, utterance.latents)


def test_few_utterances_take_the_smaller_bucket_and_say_the_same() -> None:
    gpt = random_gpt(TINY)
    asked = prompts(5, width=WIDTH)
    one, other = (
        decoded(SlotDecoder(gpt, slot_count=5, slot_buckets=buckets), asked, SEEDED, max_tokens=9)
        for buckets in ([5], [1, 2, 5])
    )
    assert [utterance.tokens for utterance in one] == [utterance.tokens for utterance in other]


def test_tokens_made_ahead_for_who_was_cut_off_reach_nobody() -> None:
    decoder = SlotDecoder(random_gpt(TINY), slot_count=1, slot_buckets=[1], steps_per_replay=4)
    leaving, coming = prompts(2, width=WIDTH)
    request, following = (
        Admission(decoder.conditioning_cache(p.conditioning), p.text_tokens, GREEDY, 0, 20)
        for p in (leaving, coming)
    )
    decoder.admit([request])
    decoder.step()
    decoder.release(0)
    decoder.admit([following])
    tokens = [decoder.step().tokens[0] for _ in range(6)]
    decoder.release(0)
    (alone,) = decoded(decoder, [coming], GREEDY, max_tokens=6)
    assert tokens == alone.tokens
