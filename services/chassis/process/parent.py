"""Ends this process when the one that started it ends, however that happens."""

import ctypes
import os
import signal
import sys
import threading
import time

PARENT_VARIABLE = "TTSTRAINER_PARENT_PID"
PR_SET_PDEATHSIG = 1
POLL_SECONDS = 1.0


def die_with_parent(parent_pid: int) -> None:
    """Gets this process a SIGTERM when `parent_pid` ends, also when that is the case already.

    On Linux by the kernel, which keeps the promise after an exec too (and takes the end of the
    thread that started us for the end of the parent); elsewhere by looking once a second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=(parent_pid,), daemon=True).start()
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGTERM)


def die_with_named_parent() -> None:
    """Does so where the environment names a parent.

    The name is taken out of the environment: our children's parent is another.
    """
    if parent := os.environ.pop(PARENT_VARIABLE, ""):
        die_with_parent(int(parent))


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
