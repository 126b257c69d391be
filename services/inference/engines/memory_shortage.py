"""Going on when memory ran out."""

import gc

import structlog
import torch

from services.chassis.errors import OverloadedError

log = structlog.get_logger()

_RETRY_AFTER_SECONDS = 1.0
_SIGNS = (
    "can't allocate memory",  # torch on a CPU
    # What CUDA and its libraries ask for without torch, such as the workspace of a new thread.
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)


def is_memory_shortage(error: Exception) -> bool:
    """Tells whether `error` says that there is no memory; not always is there a class for that."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


def free_caches() -> None:
    """Gives back what is kept for later."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def sacrificed() -> OverloadedError:
    """Returns what the utterance fails with that had to make room for the others."""
    log.warning("utterance.sacrificed")
    return OverloadedError(
        "Memory ran out and this utterance had to go so that others could be finished; "
        "try again later, or with fewer at once.",
        reason="OUT_OF_MEMORY",
        retry_after_seconds=_RETRY_AFTER_SECONDS,
    )
