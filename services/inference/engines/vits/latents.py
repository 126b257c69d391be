"""From tokens to what the decoder makes into audio: the part of VITS that sees a whole sentence.

The same steps as coqui's `Vits.inference`, with two differences: noise comes from a generator of
the request's own, where coqui draws from the one that the whole process shares; and speech that
would grow too long is cut before memory is taken for it.
"""

from dataclasses import dataclass
from typing import Any

import torch

from services.inference.engines.vits.durations import EncodedText, cut, durations_of
from services.inference.engines.vits.model import VitsModel


@dataclass(frozen=True, slots=True)
class SentenceRequest:
    """What to make latents of."""

    tokens: list[int]
    language: str
    """As the network names it."""
    speaker: torch.Tensor | None = None
    """Of shape (1, channels, 1)."""
    noise_seed: int = 0
    speed: float = 1.0
    max_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Latents:
    """A sentence before it is audio."""

    frames: torch.Tensor
    """Of shape (1, channels, frames)."""
    is_whole: bool
    """False when it was cut at its maximum length."""


@torch.inference_mode()
def latents_of(request: SentenceRequest, model: VitsModel) -> Latents:
    """Returns the latents of a sentence; on a CPU, equal to coqui's for the same seed."""
    network = model.network
    noise = torch.Generator().manual_seed(request.noise_seed)
    tokens = torch.tensor([request.tokens], device=model.device)
    token_count = torch.tensor([len(request.tokens)], device=model.device)
    language = _language_vector(network, request.language)
    values, means, log_scales, mask = network.text_encoder(tokens, token_count, lang_emb=language)
    text = EncodedText(values, mask, request.speaker, language)
    durations, is_whole = cut(
        durations_of(text, network, request.speed, noise),
        int(request.max_seconds * model.frames_per_second),
    )
    # Each token's mean and scale, repeated for as many frames as it lasts.
    token_of_frame = torch.repeat_interleave(durations.long())
    means, log_scales = means[..., token_of_frame], log_scales[..., token_of_frame]
    drawn = _noise_like(means, noise) * torch.exp(log_scales) * network.inference_noise_scale
    frame_mask = torch.ones_like(means[:, :1])
    frames = network.flow(means + drawn, frame_mask, g=request.speaker, reverse=True)
    frames = network.upsampling_z(frames)[0].reshape(1, frames.shape[1], -1)
    if network.max_inference_len and frames.shape[-1] > network.max_inference_len:
        return Latents(frames[..., : network.max_inference_len], is_whole=False)
    return Latents(frames, is_whole)


def _noise_like(values: torch.Tensor, noise: torch.Generator) -> torch.Tensor:
    """Returns noise as `torch.randn_like` would draw it for coqui's values.

    Those come transposed out of a product of matrices, and noise is filled in in memory's order.
    """
    _, channels, frames = values.shape
    return torch.empty((1, frames, channels)).transpose(1, 2).normal_(generator=noise).to(values)


def _language_vector(network: Any, language: str) -> torch.Tensor | None:  # noqa: ANN401
    if not network.args.use_language_embedding:
        return None
    number = network.language_manager.name_to_id[language]
    vector: torch.Tensor = network.emb_l.weight[number][None, :, None]
    return vector
