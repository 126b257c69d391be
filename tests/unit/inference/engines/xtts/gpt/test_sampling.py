"""How tokens are drawn."""

import pytest
import torch
from torch import Tensor

from services.inference.engines.xtts.gpt.sampling import draw, penalise, request_noise

LIKELY, SECOND, THIRD, UNLIKELY = 5, 2, 7, 0


def logits(rows: int = 1) -> Tensor:
    """Probabilities of 0.5, 0.25, 0.15 and 0.1, and four tokens that never come."""
    scores = torch.full((8,), -torch.inf)
    scores[[LIKELY, SECOND, THIRD, UNLIKELY]] = torch.tensor([0.5, 0.25, 0.15, 0.1]).log()
    return scores.repeat(rows, 1)


def drawn(
    rows: int, *, temperature: float = 1.0, top_k: int = 8, top_p: float = 1.0, seed: int = 0
) -> Tensor:
    """Draws once for each of many rows, each with noise of its own."""
    return draw(
        logits(rows),
        request_noise(seed, 0, rows, 8),
        torch.full((rows,), temperature),
        torch.full((rows,), top_k),
        torch.full((rows,), top_p),
    )


def shares(tokens: Tensor) -> list[float]:
    counts = torch.bincount(tokens, minlength=8) / len(tokens)
    return [float(counts[token]) for token in (LIKELY, SECOND, THIRD, UNLIKELY)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0.5, 0.25, 0.15, 0.1]),
        ({"top_k": 2}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_k": 1}, [1, 0, 0, 0]),
        # 0.5 + 0.25 falls short of 0.8, so the third takes part; of 0.7 it does not.
        ({"top_p": 0.8}, [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0]),
        ({"top_p": 0.7}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_p": 0.0}, [1, 0, 0, 0]),
        # top-p is taken of what top-k left: 2/3 alone holds 0.6.
        ({"top_k": 2, "top_p": 0.6}, [1, 0, 0, 0]),
        # Half the temperature squares the ratios.
        ({"temperature": 0.5}, [0.25 / 0.345, 0.0625 / 0.345, 0.0225 / 0.345, 0.01 / 0.345]),
    ],
)
def test_an_exponential_race_draws_each_token_as_often_as_it_is_likely(
    settings: dict[str, float], expected: list[float]
) -> None:
    # 40,000 draws: a standard deviation of a share is at most 0.0025.
    assert shares(drawn(40_000, **settings)) == pytest.approx(expected, abs=0.01)  # type: ignore[arg-type]


def test_the_penalty_divides_positive_scores_and_multiplies_negative_ones() -> None:
    scores = torch.tensor([[2.0, -2.0, 3.0], [2.0, -2.0, 3.0]])
    seen = torch.tensor([[True, True, False], [False, False, True]])
    penalised = penalise(scores, seen, torch.tensor([4.0, 2.0]))
    torch.testing.assert_close(penalised, torch.tensor([[0.5, -8.0, 3.0], [2.0, -2.0, 1.5]]))


def test_rows_of_different_settings_do_not_mix() -> None:
    settings = [(1.0, 8, 1.0), (0.1, 2, 0.5), (2.0, 3, 0.9), (1.0, 1, 1.0)]
    noise = torch.stack([request_noise(seed, 0, 1, 8)[0] for seed in range(4)])
    temperature, top_k, top_p = (torch.tensor(column) for column in zip(*settings, strict=True))
    together = draw(logits(4), noise, temperature, top_k, top_p)
    alone = [
        draw(logits(), noise[row, None], temperature[row, None], top_k[row, None], top_p[row, None])
        for row in range(4)
    ]
    assert together.tolist() == [int(token) for token in alone]


def test_noise_is_positive_and_of_mean_one() -> None:
    noise = request_noise(3, 1, 600, 100)
    assert bool((noise > 0).all())
    assert float(noise.mean()) == pytest.approx(1, abs=0.02)


def test_noise_depends_on_the_seed_and_the_sentence_and_not_on_the_length() -> None:
    first = request_noise(3, 1, 600, 100)
    assert torch.equal(first[:10], request_noise(3, 1, 10, 100))
    others = [request_noise(seed, sentence, 10, 100) for seed, sentence in ((3, 2), (4, 1), (1, 3))]
    assert not any(torch.equal(first[:10], other) for other in others)


@pytest.mark.parametrize("seed", [0, 2**63 - 1, -1, 2**64 - 1])
def test_any_seed_will_do(seed: int) -> None:
    assert request_noise(seed, 0, 2, 4).shape == (2, 4)
