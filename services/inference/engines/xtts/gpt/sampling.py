"""Drawing tokens, alike on every device and whatever the other rows of the batch hold."""

import torch
from torch import Tensor

CANDIDATE_COUNT = 100
"""How many of the likeliest tokens are looked at; the largest top-k there is."""


def request_noise(seed: int, sentence_index: int, step_count: int, candidate_count: int) -> Tensor:
    """Returns the noise of a request: exponential, of shape (step_count, candidate_count).

    It is drawn on the CPU before the first token, so it depends on nothing else that runs, and
    the n-th step finds the same noise however long the request may become.
    """
    generator = torch.Generator().manual_seed(_mixed(seed, sentence_index))
    uniform = torch.rand(step_count, candidate_count, generator=generator)
    return (-torch.log1p(-uniform)).clamp_min(torch.finfo(torch.float32).tiny)


def penalise(logits: Tensor, seen: Tensor, penalty: Tensor) -> Tensor:
    """Makes tokens that were drawn before less likely (CTRL, arXiv 1909.05858, as in coqui).

    `logits` is of shape (rows, tokens), `seen` a mask of that shape, `penalty` of shape (rows,).
    """
    penalty = penalty[:, None]
    return torch.where(seen, torch.where(logits < 0, logits * penalty, logits / penalty), logits)


def draw(
    logits: Tensor, noise: Tensor, temperature: Tensor, top_k: Tensor, top_p: Tensor
) -> Tensor:
    """Draws a token for each row; of shape (rows,).

    `logits` is of shape (rows, tokens), `noise` (rows, candidates) is exponential; the others are
    of shape (rows,). The likeliest `top_k` and of these the fewest that hold `top_p` of the
    probability take part in an exponential race: with noise E the token of the largest p / E wins
    with probability p (the Gumbel-max trick without its logarithms). A race needs no random state
    and no synchronisation, and each row has its own noise.
    """
    scores, tokens = (logits / temperature[:, None]).topk(noise.shape[1], dim=-1)
    ranks = torch.arange(noise.shape[1], device=logits.device)[None]
    scores = scores.masked_fill(ranks >= top_k[:, None], -torch.inf)
    probabilities = scores.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities
    outside = (before >= top_p[:, None]) & (ranks > 0)
    winners = (probabilities.masked_fill(outside, 0) / noise).argmax(-1, keepdim=True)
    return tokens.gather(1, winners)[:, 0]


def _mixed(seed: int, sentence_index: int) -> int:
    """Tells apart the sentences of a seed, and seeds that differ by an index (SplitMix64)."""
    mixed = (seed * _GOLDEN_RATIO + sentence_index + 1) * _GOLDEN_RATIO & _64_BITS
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & _64_BITS
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & _64_BITS
    return mixed ^ (mixed >> 31)


_64_BITS = (1 << 64) - 1
_GOLDEN_RATIO = 0x9E3779B97F4A7C15
