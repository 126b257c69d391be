"""The slot decoder at the width of XTTS v2: coqui's tokens, and alike alone and in a batch."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from TTS.tts.layers.xtts.gpt import GPT

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import SlotDecoder
from services.inference.engines.xtts.gpt.latent_error import LatentError, latent_error
from services.inference.engines.xtts.gpt.precision import Precision
from tests.decoding import Prompt, decoded, prompts
from tests.models.random_gpt import FULL_SIZE, coqui_tokens, random_gpt

LAYERS = 6
"""Of 30: kernels are chosen by width, and six layers are done in minutes."""
PROMPTS = 24
TOKENS = 24
GREEDY = Sampling(top_k=1, repetition_penalty=10.0)
SEEDED = Sampling(seed=11)
LARGEST_LATENT_ERROR = 1e-5
ON_CPU = (Precision.FP32, Precision.BF16, Precision.INT8)
REPORT = Path(__file__).parents[3] / "docs" / "proofs" / "decoding.md"


@dataclass(frozen=True, slots=True)
class Parity:
    """How greedy decoding compares with coqui's."""

    equal_count: int
    distinct_count: int
    latent_error: float


@dataclass(frozen=True, slots=True)
class Rounding:
    """The largest differences of latents from those that coqui computes in float64."""

    ours: float
    coquis: float


@pytest.mark.timeout(1800)
def test_at_full_width_it_says_what_coqui_says_and_neighbours_change_nothing() -> None:
    torch.set_num_threads(1)
    gpt = random_gpt(FULL_SIZE | {"layers": LAYERS})
    asked = prompts(PROMPTS, width=gpt.model_dim, token_limit=6000)
    parity = _parity(gpt, asked)
    alike = {precision: _alike_count(gpt, asked, precision) for precision in ON_CPU}
    errors = {precision: _error(gpt, asked[8], precision) for precision in ON_CPU[1:]}
    rounding = _rounding(gpt, asked[8])

    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(_report(parity, alike, errors, rounding))

    assert parity.equal_count == PROMPTS
    assert parity.distinct_count == PROMPTS
    assert parity.latent_error <= LARGEST_LATENT_ERROR
    assert set(alike.values()) == {PROMPTS}
    assert rounding.ours <= 1.5 * rounding.coquis


def _parity(gpt: GPT, asked: list[Prompt]) -> Parity:
    decoder = SlotDecoder(gpt, slot_count=7)
    spoken = decoded(decoder, asked, GREEDY, max_tokens=TOKENS, steps_between=3)
    equal, worst = 0, 0.0
    for prompt, utterance in zip(asked, spoken, strict=True):
        tokens, latents = coqui_tokens(gpt, prompt.conditioning, prompt.text_tokens, TOKENS)
        equal += utterance.tokens == tokens
        worst = max(worst, float((utterance.latents - latents).abs().max()))
    return Parity(equal, len({tuple(utterance.tokens) for utterance in spoken}), worst)


def _alike_count(gpt: GPT, asked: list[Prompt], precision: Precision) -> int:
    """Returns how many came out the same to the bit in a batch that changes, and alone."""
    decoder = SlotDecoder(gpt, slot_count=8, precision=precision)
    together = decoded(decoder, asked, SEEDED, max_tokens=TOKENS, steps_between=2)
    alone = [decoded(decoder, [each], SEEDED, max_tokens=TOKENS)[0] for each in asked]
    return sum(
        one.tokens == other.tokens and torch.equal(one.latents, other.latents)
        for one, other in zip(together, alone, strict=True)
    )


def _error(gpt: GPT, prompt: Prompt, precision: Precision) -> LatentError:
    exact, rough = (
        SlotDecoder(gpt, slot_count=1, precision=each).latents_of(
            prompt.conditioning, prompt.text_tokens, range(2, 102)
        )
        for each in (Precision.FP32, precision)
    )
    return latent_error(exact, rough)


def _rounding(gpt: GPT, prompt: Prompt) -> Rounding:
    """Comes last: it leaves the model in float64."""
    decoder = SlotDecoder(gpt, slot_count=1)
    (spoken,) = decoded(decoder, [prompt], GREEDY, max_tokens=TOKENS)
    _, coquis = coqui_tokens(gpt, prompt.conditioning, prompt.text_tokens, TOKENS)
    gpt.double()
    _, exact = coqui_tokens(gpt, prompt.conditioning.double(), prompt.text_tokens, TOKENS)
    return Rounding(
        ours=float((spoken.latents - exact).abs().max()),
        coquis=float((coquis - exact).abs().max()),
    )


def _report(
    parity: Parity,
    alike: dict[Precision, int],
    errors: dict[Precision, LatentError],
    rounding: Rounding,
) -> str:
    equal = f"{parity.equal_count} of {PROMPTS}"
    alike_lines = (
        f"- {precision.value}: {count} of {PROMPTS} seeded utterances the same to the bit alone "
        "and among seven others\n"
        for precision, count in alike.items()
    )
    error_lines = (
        f"- {precision.value} beside float32 on the same tokens: rms {error.rms_ratio:.1%}, "
        f"worst value {error.max_ratio:.1%}, smallest cosine {error.cosine:.5f}\n"
        for precision, error in errors.items()
    )
    return (
        "# Decoding at the width of XTTS v2\n\n"
        f"Written by `make prove-inference`, not by hand. {LAYERS} of 30 layers, random weights, "
        f"{PROMPTS} prompts of 3 to {3 + 5 * (PROMPTS - 1)} text tokens, {TOKENS} tokens each, "
        "joining at different steps.\n\n"
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, one thread of a machine of "
        f"{os.cpu_count()} cores\n"
        f"- greedy tokens equal coqui's for {equal} prompts, {parity.distinct_count} of them "
        "different from each other\n"
        f"- largest difference of a latent {parity.latent_error:.1e} (at most "
        f"{LARGEST_LATENT_ERROR:.0e}), which is rounding: from float64, ours are off by "
        f"{rounding.ours:.1e} and coqui's by {rounding.coquis:.1e}\n"
        f"{''.join(alike_lines)}{''.join(error_lines)}"
    )
