"""Advisory file locks: they end with the process that holds them, however it ends."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class FileLock:
    """A lock on a file; the system releases it when the holder dies, so none is ever stale."""

    def __init__(self, path: Path) -> None:
        """Names the file, which is made when it is first locked and never removed."""
        self._path = path
        self._descriptor: int | None = None

    def try_exclusive(self) -> bool:
        """Takes the lock alone if nobody has it; says whether it did."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Takes the lock together with others that share it; says whether it did."""
        return self._try(fcntl.LOCK_SH)

    def release(self) -> None:
        """Lets go; letting go of what is not held is no error."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Releases the lock, if it was taken, at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Releases the lock."""
        self.release()

    def _try(self, operation: int) -> bool:
        if self._descriptor is None:
            # Not inherited by children: a service must not keep the lock of a command that died.
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(self._descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True
