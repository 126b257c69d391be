"""How far the latents of a coarser precision lie from float32's."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class LatentError:
    """Errors relative to the root mean square of the exact latents."""

    max_ratio: float
    """Of the worst single value."""
    rms_ratio: float
    cosine: float
    """Between exact and rough latent of the worst token; 1 is the same direction."""


def latent_error(exact: Tensor, rough: Tensor) -> LatentError:
    """Compares latents of the same tokens, both of shape (tokens, width).

    They must come from the same tokens (`SlotDecoder.latents_of`): two decoders left to themselves
    may draw different ones after the first close call, and then say different things equally well.
    """
    scale = exact.square().mean().sqrt()
    difference = rough - exact
    return LatentError(
        max_ratio=float(difference.abs().max() / scale),
        rms_ratio=float(difference.square().mean().sqrt() / scale),
        cosine=float(functional.cosine_similarity(exact, rough, dim=-1).min()),
    )
