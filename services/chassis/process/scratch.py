"""A folder for temporary files that goes with its process, even with a killed one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.errors import UnavailableError
from services.chassis.process.owned_folders import own_folder, remove_ownerless


@contextmanager
def scratch_folder(parent: Path, service_name: str) -> Iterator[Path]:
    """Makes an empty folder in `parent` for this process alone, and removes it at the end.

    Folders of the same service whose processes are gone are removed first; a lock that the
    kernel lets go with its process tells them, also across containers that share a disk.
    Raises UnavailableError when the disk does not let us.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        remove_ownerless(parent, f"{service_name}-")
        folder, lock = own_folder(parent, f"{service_name}-")
    except OSError as error:
        message = f"Cannot write to {parent} ({error.strerror}): set TTSTRAINER_SCRATCH_DIR."
        raise UnavailableError(message, reason="SCRATCH_UNAVAILABLE") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()
