"""The logs of child processes."""

import os
import shutil
from pathlib import Path

MAX_LOG_BYTES = 64 << 20
TAIL_BYTES = 16_384
TAIL_LINE_COUNT = 12


def rotated(log_file: Path) -> None:
    """Starts the log afresh; what the last stack said is kept beside it as `<name>.1`."""
    if log_file.exists() and log_file.stat().st_size:
        log_file.replace(log_file.with_name(log_file.name + ".1"))


def bounded(log_file: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
    """Keeps a log from filling the disk: its content becomes `<name>.1`, and it starts again.

    Its writer appends, so it goes on at the new end; what it says meanwhile may be lost.
    """
    if log_file.exists() and log_file.stat().st_size > max_bytes:
        shutil.copyfile(log_file, log_file.with_name(log_file.name + ".1"))
        os.truncate(log_file, 0)


def last_lines(log_file: Path) -> str:
    """Returns the end of the log, a few lines, for an error message."""
    try:
        with log_file.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"  {line}" for line in lines[-TAIL_LINE_COUNT:])
