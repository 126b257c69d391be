"""Each sentence of a request has noise of its own."""

import pytest
import torch

from services.inference.engines.seeds import noise_seed


def test_the_first_sentence_draws_from_the_seed_itself() -> None:
    assert noise_seed(42, 0) == 42


def test_every_sentence_draws_noise_of_its_own() -> None:
    seeds = {noise_seed(seed, index) for seed in range(20) for index in range(20)}
    assert len(seeds) == 400


@pytest.mark.parametrize("seed", [0, -1, 2**63, 2**64 - 1])
def test_any_seed_of_64_bits_will_do(seed: int) -> None:
    for index in range(2):
        torch.Generator().manual_seed(noise_seed(seed, index))
