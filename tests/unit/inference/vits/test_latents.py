"""Seeds and lengths of sentences."""

import pytest
import torch

from services.inference.engines.vits.durations import cut
from services.inference.engines.vits.latents import noise_seed


def test_the_first_sentence_draws_from_the_seed_itself() -> None:
    assert noise_seed(42, 0) == 42


def test_every_sentence_draws_noise_of_its_own() -> None:
    seeds = {noise_seed(seed, index) for seed in range(20) for index in range(20)}
    assert len(seeds) == 400


@pytest.mark.parametrize("seed", [0, -1, 2**63, 2**64 - 1])
def test_any_seed_of_64_bits_will_do(seed: int) -> None:
    for index in range(2):
        torch.Generator().manual_seed(noise_seed(seed, index))


def test_durations_within_the_maximum_stay() -> None:
    durations = torch.tensor([3.0, 0.0, 4.0])
    assert cut(durations, 7) == (durations, True)


@pytest.mark.parametrize(
    ("durations", "left"),
    [
        ([3.0, 2.0, 9.0], [3.0, 2.0, 1.0]),
        ([7.0, 2.0, 9.0], [6.0, 0.0, 0.0]),
        ([2.0, float("inf"), 1.0], [2.0, 4.0, 0.0]),
    ],
)
def test_speech_ends_at_its_maximum(durations: list[float], left: list[float]) -> None:
    shortened, is_whole = cut(torch.tensor(durations), 6)
    assert shortened.tolist() == left
    assert not is_whole
