"""Without CUDA these tests say so, and are skipped."""

import pytest
import torch


@pytest.fixture(autouse=True)
def cuda() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA machine")
    # Tensor cores round float32 to 10 bits; what is compared to coqui's must not.
    torch.backends.cuda.matmul.allow_tf32 = False
