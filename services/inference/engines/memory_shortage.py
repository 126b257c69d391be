"""Going on when memory ran out."""

import gc

import structlog
import torch

from services.chassis.errors import OverloadedError

log = structlog.get_logger()

_RETRY_AFTER_SECONDS = 1.0


def is_memory_shortage(error: Exception) -> bool:
    """Tells whether `error` says that there is no memory; on a CPU torch has no class for that."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


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
