"""A folder for temporary files that goes with its process, even with a killed one."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.errors import UnavailableError

LOCK_NAME = ".lock"


@contextmanager
def scratch_folder(parent: Path, service_name: str) -> Iterator[Path]:
    """Makes an empty folder in `parent` for this process alone, and removes it at the end.

    Folders of the same service whose processes are gone are removed first; a lock that the
    kernel lets go with its process tells them, also across containers that share a disk.
    Raises UnavailableError when the disk does not let us.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(parent, service_name)
        folder = Path(tempfile.mkdtemp(prefix=f"{service_name}-", dir=parent))
        lock = (folder / LOCK_NAME).open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        message = f"Cannot write to {parent} ({error.strerror}): set TTSTRAINER_SCRATCH_DIR."
        raise UnavailableError(message, reason="SCRATCH_UNAVAILABLE") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _remove_left_behind(parent: Path, service_name: str) -> None:
    for path in parent.glob(f"{service_name}-*/{LOCK_NAME}"):
        with path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its process is alive
            shutil.rmtree(path.parent, ignore_errors=True)
