"""The logs of child processes."""

import asyncio
import contextlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

MAX_LOG_BYTES = 64 << 20
LOG_CHECK_SECONDS = 60.0
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


async def keep_bounded(log_file: Path, max_bytes: int, check_seconds: float) -> None:
    """Looks after a log, for ever; on a full disk it tries again later."""
    while True:
        await asyncio.sleep(check_seconds)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(bounded, log_file, max_bytes)


@dataclass(slots=True)
class LogReader:
    """Reads what a log has gained from one look to the next."""

    path: Path
    _offset_bytes: int = field(default=0, init=False)

    def new_lines(self) -> list[str]:
        """Returns the lines that were completed since the last look, however long the log is."""
        try:
            with self.path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._offset_bytes:  # it was begun anew
                    self._offset_bytes = 0
                file.seek(self._offset_bytes)
                content = file.read()
        except FileNotFoundError:
            return []
        complete = content[: content.rfind(b"\n") + 1]
        self._offset_bytes += len(complete)
        return complete.decode(errors="replace").splitlines()


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
