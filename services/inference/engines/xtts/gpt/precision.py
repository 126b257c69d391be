"""How weights are held and what may be held how on which device."""

from enum import Enum

import torch

from services.chassis.errors import InvalidInputError


class Precision(Enum):
    """The number format of the large matrices; norms, logits and sampling are always float32."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"
    """Weights by output channel, activations by row, each with a scale of its own; CPU only."""

    def check(self, device: torch.device) -> None:
        """Raises InvalidInputError when `device` cannot compute with it."""
        supported = _ON_CPU if device.type == "cpu" else _ON_GPU
        if self not in supported:
            names = ", ".join(sorted(precision.value for precision in supported))
            raise InvalidInputError(
                f"A {device.type} does not compute in {self.value} here; choose one of {names}.",
                reason="UNSUPPORTED_PRECISION",
                field="precision",
            )

    @property
    def dtype(self) -> torch.dtype:
        """What a plain matrix of this precision is made of."""
        return _DTYPES[self]

    def cache_dtype(self, device: torch.device) -> torch.dtype:
        """Returns what keys and values are kept in.

        Float32 on a CPU whatever the weights are: attention over bfloat16 takes 5 times as long.
        """
        return torch.float32 if device.type == "cpu" else self.dtype


_ON_CPU = frozenset({Precision.FP32, Precision.BF16, Precision.INT8})
_ON_GPU = frozenset({Precision.FP32, Precision.BF16, Precision.FP16})
_DTYPES = {
    Precision.FP32: torch.float32,
    Precision.BF16: torch.bfloat16,
    Precision.FP16: torch.float16,
    Precision.INT8: torch.float32,
}
