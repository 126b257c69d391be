"""Matrix products by precision, each computing a row alike whatever the other rows hold."""

import warnings
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from services.inference.engines.xtts.gpt.precision import Precision


class Linear(Protocol):
    """An affine map of rows."""

    @property
    def in_features(self) -> int:
        """The width of the rows it takes."""

    @property
    def memory_bytes(self) -> int:
        """What its weights take."""

    def __call__(self, rows: Tensor) -> Tensor:
        """Maps rows of shape (rows, in_features) to (rows, out_features), of a float type."""


class DenseLinear:
    """Plain weights, for a GPU."""

    def __init__(self, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> None:
        """Takes a weight of shape (out, in) and a bias of shape (out,)."""
        self.in_features = weight.shape[1]
        self._weight = weight.to(dtype).contiguous()
        self._bias = bias.to(dtype)
        self.memory_bytes = _bytes(self._weight) + _bytes(self._bias)

    def __call__(self, rows: Tensor) -> Tensor:
        """Maps rows of shape (rows, in) to (rows, out) of its own type."""
        return functional.linear(rows.to(self._weight.dtype), self._weight, self._bias)


class PackedLinear:
    """Weights in the order in which oneDNN reads them, for a CPU.

    Besides being faster (bfloat16 naively is slower than float32), its kernels add up a row in
    the same order for any number of rows from two on, which sgemm does not.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> None:
        """Takes a weight of shape (out, in) and a bias of shape (out,)."""
        self.in_features = weight.shape[1]
        self.memory_bytes = weight.numel() * dtype.itemsize + bias.numel() * dtype.itemsize
        self._dtype = dtype
        self._weight: Any = torch.ops.mkldnn._reorder_linear_weight(weight.to(dtype).contiguous())  # noqa: SLF001 - the only way to pack
        self._bias = bias.to(dtype)

    def __call__(self, rows: Tensor) -> Tensor:
        """Maps rows of shape (rows, in) to (rows, out) of its own type."""
        product: Tensor = torch.ops.mkldnn._linear_pointwise(  # noqa: SLF001 - takes packed weights
            rows.to(self._dtype), self._weight, self._bias, "none", [], ""
        )
        return product


class RowScaledInt8Linear:
    """Eight-bit weights by output channel and eight-bit activations by row, for a CPU (FBGEMM).

    FBGEMM knows one activation scale per call. Dynamic quantisation takes it from the batch, so a
    loud batch-mate costs its neighbours their precision. Here every row is divided by its own
    peak and the scale is fixed, so the integers of a row, and hence its sums, are its own alone.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """Takes a weight of shape (out, in) and a bias of shape (out,)."""
        self.in_features = weight.shape[1]
        self.memory_bytes = weight.numel() + 2 * _bytes(bias)
        weight = weight.float()
        scales = (weight.abs().amax(1) / _INT8_PEAK).clamp_min(torch.finfo(torch.float32).tiny)
        with warnings.catch_warnings():
            # Announced to go one day; torch is pinned, and nothing else multiplies int8 as fast.
            warnings.filterwarnings("ignore", message=".*quantized tensor creation.*")
            quantised = torch.quantize_per_channel(
                weight, scales.double(), torch.zeros(len(scales), dtype=torch.long), 0, torch.qint8
            )
        self._weight: Any = torch.ops.quantized.linear_prepack(quantised, None)
        self._bias = bias.float()

    def __call__(self, rows: Tensor) -> Tensor:
        """Maps rows of shape (rows, in) to (rows, out) of float32."""
        rows = rows.float()
        peaks = rows.abs().amax(-1, keepdim=True).clamp_min(_QUIETEST_PEAK)
        product: Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            rows / peaks, 1 / _INT8_PEAK, _INT8_PEAK, self._weight
        )
        return torch.addcmul(self._bias, product, peaks)


def make_linear(weight: Tensor, bias: Tensor, precision: Precision, device: torch.device) -> Linear:
    """Returns the fastest exact map for a weight of shape (out, in) on that device."""
    weight, bias = weight.detach().to(device), bias.detach().to(device)
    if device.type != "cpu":
        return DenseLinear(weight, bias, precision.dtype)
    if precision is Precision.INT8:
        return RowScaledInt8Linear(weight, bias)
    return PackedLinear(weight, bias, precision.dtype)


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


_INT8_PEAK = 127
_QUIETEST_PEAK = 1e-30
