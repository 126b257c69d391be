"""Memory that was freed, and that the process still has."""

import ctypes


def return_freed_memory() -> None:
    """Gives it back to the system; glibc keeps what lies between pieces still in use.

    Weights that move from one layout to another leave hundreds of megabytes of that.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
