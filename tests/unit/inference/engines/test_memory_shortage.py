"""A shortage of memory is told from all else that goes wrong."""

import pytest
import torch

from services.inference.engines.memory_shortage import is_memory_shortage


def test_what_torch_raises_on_a_cpu_is_a_shortage() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**55, dtype=torch.uint8)

    assert is_memory_shortage(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory."),
        torch.AcceleratorError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_so_is_what_is_raised_elsewhere(error: Exception) -> None:
    assert is_memory_shortage(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA error: an illegal memory access"), ValueError("no")]
)
def test_a_broken_device_is_none(error: Exception) -> None:
    assert not is_memory_shortage(error)
