"""The voices that an XTTS brings along: speakers_xtts.pth, as coqui-tts publishes it."""

from pathlib import Path

import torch
from torch import Tensor

from services.inference.engines.checkpoints import corrupt, read_checkpoint, refusing, weights_in
from services.inference.engines.speakers import checked_names
from services.inference.engines.xtts.loading.conditioning import XttsConditioning

_GPT_LATENTS = "gpt_cond_latent"
_SPEAKER_EMBEDDING = "speaker_embedding"


def speaker_names(path: Path) -> tuple[str, ...]:
    """Returns who is in the file, in its order; their voices stay on the disk. Blocks.

    Raises InvalidInputError with the reason CORRUPT_CHECKPOINT.
    """
    return checked_names(read_checkpoint(path), path)


def read_speakers(
    path: Path, latents_shape: tuple[int, int], embedding_size: int
) -> dict[str, XttsConditioning]:
    """Returns the voices in the file, copied into memory; none when there is no file. Blocks.

    A voice has latents of `latents_shape`, (positions, channels), and an embedding of
    `embedding_size` values. Raises InvalidInputError with the reason CORRUPT_CHECKPOINT.
    """
    if not path.is_file():
        return {}
    content = read_checkpoint(path)
    shapes = {
        _GPT_LATENTS: (1, *latents_shape),
        _SPEAKER_EMBEDDING: (1, embedding_size, 1),
    }
    voices = {}
    for name in checked_names(content, path):
        weights = weights_in(content[name], path)
        if {part: tuple(weights[part].shape) for part in shapes & weights.keys()} != shapes:
            raise corrupt(path, f"the voice of {name!r} is of another model")
        with refusing(path):
            latents, embedding = (_copied(weights[part]) for part in shapes)
        if not (latents.isfinite().all() and embedding.isfinite().all()):
            raise corrupt(path, f"the voice of {name!r} holds values that are no numbers")
        voices[name] = XttsConditioning(latents, embedding)
    return voices


def _copied(weight: Tensor) -> Tensor:
    return weight.detach().to(torch.float32, copy=True).contiguous()[0]
