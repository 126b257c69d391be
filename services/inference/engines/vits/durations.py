"""How long each token of a sentence is spoken."""

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

UNUSED_FLOW = 1
"""Trained, but skipped in speaking, by coqui and by the paper's authors alike."""


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A sentence as the text encoder leaves it, and what else its durations depend on."""

    values: torch.Tensor
    """Of shape (1, channels, at least tokens)."""
    mask: torch.Tensor
    """Of shape (1, 1, at least tokens): 1 for the tokens, 0 for what was appended."""
    token_count: int
    speaker: torch.Tensor | None
    """Of shape (1, channels, 1)."""
    language: torch.Tensor | None
    """Of shape (1, channels, 1)."""


def durations_of(
    text: EncodedText,
    network: Any,  # noqa: ANN401  coqui has no types
    speed: float,
    noise: torch.Generator,
) -> torch.Tensor:
    """Returns how many frames each token lasts: whole numbers, of shape (tokens,)."""
    predictor = network.duration_predictor
    speaker = text.speaker if network.args.condition_dp_on_speaker else None
    if network.args.use_sdp:
        drawn = torch.randn((1, 2, text.token_count), generator=noise).to(text.values)
        drawn = functional.pad(drawn, (0, text.values.shape[-1] - text.token_count))
        logarithms = _predict(predictor, text, speaker, drawn * network.inference_noise_scale_dp)
    else:
        logarithms = predictor(text.values, text.mask, g=speaker, lang_emb=text.language)
    scale = network.length_scale / speed
    durations = torch.ceil(torch.exp(logarithms) * text.mask * scale)[0, 0, : text.token_count]
    if durations.sum() < 1:
        durations[-1] = 1  # there is always a frame to decode
    return durations


def cut(durations: torch.Tensor, max_frames: int) -> tuple[torch.Tensor, bool]:
    """Returns durations that end at `max_frames`, and whether they were let alone."""
    if durations.sum() <= max_frames:
        return durations, True
    ends = torch.cumsum(durations, 0).clamp(max=max(max_frames, 1))
    return torch.diff(ends, prepend=ends.new_zeros(1)), False


def _predict(
    predictor: Any,  # noqa: ANN401
    text: EncodedText,
    speaker: torch.Tensor | None,
    drawn: torch.Tensor,
) -> torch.Tensor:
    """Returns the logarithms of durations: coqui's stochastic predictor, with noise from outside.

    Source: `StochasticDurationPredictor.forward(reverse=True)` of coqui-tts.
    """
    hidden = predictor.pre(text.values)
    if speaker is not None:
        hidden = hidden + predictor.cond(speaker)
    if text.language is not None:
        hidden = hidden + predictor.cond_lang(text.language)
    hidden = predictor.proj(predictor.convs(hidden, text.mask)) * text.mask
    for number in reversed(range(len(predictor.flows))):
        if number != UNUSED_FLOW:
            flow = predictor.flows[number]
            drawn = flow(torch.flip(drawn, [1]), text.mask, g=hidden, reverse=True)
    return drawn[:, :1]
