"""From tokens to what the decoder makes into audio: the part of VITS that sees a whole sentence.

The same steps as coqui's `Vits.inference`, with two differences: noise comes from a generator of
the request's own, where coqui draws from the one that the whole process shares; and speech that
would grow too long is cut before memory is taken for it.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from services.inference.engines.vits.durations import EncodedText, cut, durations_of
from services.inference.engines.vits.model import VitsModel

TOKEN_STEP = 32
FRAME_STEP = 64
"""Lengths are rounded up to these, and what is appended is masked: the same for what is not.

torch prepares every operation for every new length, and keeps that, almost half a megabyte each. So
joe takes 0.2 GB more after 50 sentences of any length, and no more after 300. A smaller cache of
oneDNN (ONEDNN_PRIMITIVE_CACHE_CAPACITY) saves little of it, since most is what malloc holds: 256
saves nothing and costs 10 % CPU time, 64 saves 50 MB for 26 %, none saves 65 MB for 35 %.
"""


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
    text, means, log_scales = _encoded(request, model)
    durations, is_whole = cut(
        durations_of(text, network, request.speed, noise),
        int(request.max_seconds * model.frames_per_second),
    )
    # Each token's mean and scale, repeated for as many frames as it lasts.
    token_of_frame = torch.repeat_interleave(durations.long())
    means, log_scales = means[..., token_of_frame], log_scales[..., token_of_frame]
    drawn = _noise_like(means, noise) * torch.exp(log_scales) * network.inference_noise_scale
    frames = _flowed(means + drawn, request.speaker, network)
    frames = network.upsampling_z(frames)[0].reshape(1, frames.shape[1], -1)
    if network.max_inference_len and frames.shape[-1] > network.max_inference_len:
        return Latents(frames[..., : network.max_inference_len], is_whole=False)
    return Latents(frames, is_whole)


def _encoded(
    request: SentenceRequest, model: VitsModel
) -> tuple[EncodedText, torch.Tensor, torch.Tensor]:
    """Returns the text, and the means and logarithms of scales of its tokens' latents."""
    token_count = len(request.tokens)
    tokens = request.tokens + [0] * (_lengthened(token_count, TOKEN_STEP) - token_count)
    language = _language_vector(model.network, request.language)
    values, means, log_scales, mask = model.network.text_encoder(
        torch.tensor([tokens], device=model.device),
        torch.tensor([token_count], device=model.device),
        lang_emb=language,
    )
    return EncodedText(values, mask, token_count, request.speaker, language), means, log_scales


def _flowed(
    frames: torch.Tensor,
    speaker: torch.Tensor | None,
    network: Any,  # noqa: ANN401  coqui has no types
) -> torch.Tensor:
    """Returns frames as the decoder takes them, from frames as tokens gave them."""
    frame_count = frames.shape[-1]
    appended = _lengthened(frame_count, FRAME_STEP) - frame_count
    mask = functional.pad(torch.ones_like(frames[:, :1]), (0, appended))
    frames = functional.pad(frames, (0, appended))
    flowed: torch.Tensor = network.flow(frames, mask, g=speaker, reverse=True)
    return flowed[..., :frame_count]


def _lengthened(length: int, step: int) -> int:
    return -(-length // step) * step


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
