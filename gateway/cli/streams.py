"""The standard streams, as whoever started the command has left them."""

import io
import os
import sys
from pathlib import Path

MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""In the order of their descriptors: what is opened takes the lowest that is free."""


def mended() -> None:
    """Puts silence where a stream is closed, and has output spell out what its encoding lacks."""
    for name, mode in MODES.items():
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - until the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
