"""An utterance is the same to the bit, whoever speaks beside it and wherever it sits."""

from collections.abc import Callable

import pytest
import torch

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, SlotDecoder
from services.inference.engines.xtts.gpt.precision import Precision
from tests.decoding import Utterance, decoded, prompts
from tests.models.random_gpt import TINY, random_gpt

SEEDED = Sampling(temperature=0.9, top_k=40, top_p=0.95, repetition_penalty=3.0, seed=7)
WIDTH = TINY["model_dim"]


def same(one: Utterance, other: Utterance) -> bool:
    return one.tokens == other.tokens and torch.equal(one.latents, other.latents)


@pytest.fixture(scope="module", params=[Precision.FP32, Precision.BF16, Precision.INT8])
def make(request: pytest.FixtureRequest) -> Callable[[int], SlotDecoder]:
    gpt = random_gpt(TINY, stop_bias=1)
    return lambda slots: SlotDecoder(gpt, slot_count=slots, precision=request.param)


def test_the_same_seed_gives_the_same_latents_alone_and_in_a_full_batch(
    make: Callable[[int], SlotDecoder],
) -> None:
    asked = prompts(12, width=WIDTH)
    together = decoded(make(8), asked, SEEDED, max_tokens=25, steps_between=1)
    alone = make(1)
    for prompt, utterance in zip(asked, together, strict=True):
        (solo,) = decoded(alone, [prompt], SEEDED, max_tokens=25)
        assert same(solo, utterance)


def test_texts_read_together_are_read_as_each_alone(make: Callable[[int], SlotDecoder]) -> None:
    asked = prompts(5, width=WIDTH)
    batch, alone = make(5), make(5)
    for decoder, groups in ((batch, [asked]), (alone, [[prompt] for prompt in asked])):
        for group in groups:
            decoder.admit(
                [
                    Admission(
                        decoder.conditioning_cache(prompt.conditioning),
                        prompt.text_tokens,
                        SEEDED,
                        noise_seed=0,
                        max_tokens=5,
                    )
                    for prompt in group
                ]
            )
    for _ in range(5):
        one, other = batch.step(), alone.step()
        assert one.tokens == other.tokens
        assert torch.equal(one.latents, other.latents)


def test_a_slot_remembers_nothing_of_who_spoke_before(make: Callable[[int], SlotDecoder]) -> None:
    long, short = prompts(12, width=WIDTH)[-1], prompts(1, width=WIDTH)[0]
    used, fresh = make(1), make(1)
    decoded(used, [long], SEEDED, max_tokens=30)
    again = decoded(used, [short], SEEDED, max_tokens=30)
    assert same(again[0], decoded(fresh, [short], SEEDED, max_tokens=30)[0])


def test_who_is_cut_off_leaves_the_others_as_they_were(make: Callable[[int], SlotDecoder]) -> None:
    leaving, staying = prompts(2, width=WIDTH)
    decoder = make(2)
    requests = [
        Admission(decoder.conditioning_cache(p.conditioning), p.text_tokens, SEEDED, 0, 10)
        for p in (leaving, staying)
    ]
    gone, kept = decoder.admit(requests)
    tokens = []
    for step in range(10):
        if step == 4:
            decoder.release(gone)
        result = decoder.step()
        if kept not in result.slots:
            break
        tokens.append(result.tokens[result.slots.index(kept)])
    assert tokens == decoded(make(1), [staying], SEEDED, max_tokens=10)[0].tokens
    assert decoder.free_slot_count == 1


def test_other_seeds_and_other_sentences_sound_different() -> None:
    decoder = SlotDecoder(random_gpt(TINY), slot_count=1)
    asked = prompts(1, width=WIDTH)
    spoken = [
        decoded(decoder, asked, Sampling(seed=seed), max_tokens=20, sentence_index=sentence)
        for seed, sentence in ((1, 0), (2, 0), (1, 1), (2, 1))
    ]
    assert len({tuple(utterance.tokens) for (utterance,) in spoken}) == 4
