"""A voice as XTTS sees it: what its GPT and its vocoder were told of a speaker."""

from dataclasses import dataclass

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from services.chassis.errors import InvalidInputError

_GPT_LATENTS = "gpt_latents"
_SPEAKER_EMBEDDING = "speaker_embedding"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class XttsConditioning:
    """A voice; made by one model version, and for that version only."""

    gpt_latents: Tensor
    """Of shape (positions, channels): what precedes the text. float32, on the CPU."""
    speaker_embedding: Tensor
    """Of shape (512, 1): added in the vocoder. float32, on the CPU."""

    @property
    def memory_bytes(self) -> int:
        """What it takes."""
        return self.gpt_latents.nbytes + self.speaker_embedding.nbytes

    def to_bytes(self) -> bytes:
        """Returns it as safetensors, for `from_bytes`."""
        return safetensors.torch.save(
            {
                _GPT_LATENTS: self.gpt_latents.contiguous(),
                _SPEAKER_EMBEDDING: self.speaker_embedding.contiguous(),
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "XttsConditioning":
        """Returns what `to_bytes` gave.

        Raises InvalidInputError with the reason INVALID_CONDITIONING for anything else.
        """
        try:
            tensors = safetensors.torch.load(content)
            made = cls(tensors[_GPT_LATENTS], tensors[_SPEAKER_EMBEDDING])
        except (SafetensorError, KeyError, ValueError) as error:
            raise _invalid() from error
        shapes_are_right = made.gpt_latents.ndim == 2 and made.speaker_embedding.shape[1:] == (1,)  # noqa: PLR2004 - (positions, channels)
        if not (shapes_are_right and _is_finite(made.gpt_latents, made.speaker_embedding)):
            raise _invalid()
        return made


def _is_finite(*tensors: Tensor) -> bool:
    return all(t.dtype == torch.float32 and bool(t.isfinite().all()) for t in tensors)


def _invalid() -> InvalidInputError:
    return InvalidInputError(
        "This is no conditioning of XTTS: clone the voice again from its references.",
        reason="INVALID_CONDITIONING",
        field="voice",
    )
