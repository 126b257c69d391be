"""How an XTTS is to run, and what that comes to on a device."""

from dataclasses import dataclass, field

import torch

from services.inference.engines.devices import device_named
from services.inference.engines.xtts.chunk_schedule import ChunkSchedule
from services.inference.engines.xtts.gpt.precision import Precision
from services.inference.engines.xtts.length_limit import RunawayGuard

_SLOTS_ON_CPU = 4
_SLOTS_ON_GPU = 32


@dataclass(frozen=True, slots=True)
class XttsOptions:
    """What may be chosen; the defaults suit any device."""

    device: str = "auto"
    """auto, cpu, cuda or cuda:<number>; auto takes a GPU when there is one."""
    precision: str = "auto"
    """auto, fp32, bf16, fp16 or int8; auto is fp32 on a CPU and bf16 on a GPU."""
    slot_count: int = 0
    """Utterances at once; 0 for 4 on a CPU and 32 on a GPU."""
    schedule: ChunkSchedule = field(default_factory=ChunkSchedule)
    guard: RunawayGuard = field(default_factory=RunawayGuard)
    voice_count: int = 32
    """Voices whose reading by the GPT is kept, of 4 MB to 8 MB each."""

    def resolved(self) -> "Resolved":
        """Returns what this comes to here.

        Raises InvalidInputError for a device that is not here, or does not compute so.
        """
        device = device_named(self.device)
        on_gpu = device.type == "cuda"
        auto = Precision.BF16 if on_gpu else Precision.FP32
        precision = auto if self.precision == "auto" else Precision(self.precision)
        precision.check(device)
        return Resolved(
            device=device,
            precision=precision,
            vocoder_dtype=_vocoder_dtype(precision, device),
            slot_count=self.slot_count or (_SLOTS_ON_GPU if on_gpu else _SLOTS_ON_CPU),
        )


@dataclass(frozen=True, slots=True)
class Resolved:
    """`XttsOptions` on a device."""

    device: torch.device
    precision: Precision
    vocoder_dtype: torch.dtype
    slot_count: int


def _vocoder_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """Returns how the vocoder computes beside a GPT of that precision.

    On a GPU in float16, which is as fast as bfloat16 and seven times closer to float32; a CPU has
    fast units for bfloat16 alone. Convolutions have no int8: who takes it for the GPT wants the
    fastest there is.
    """
    if precision is Precision.FP32:
        return torch.float32
    return torch.float16 if device.type == "cuda" else torch.bfloat16
