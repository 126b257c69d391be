"""Folders that belong to a process: the kernel lets their locks go with it, however it ends."""

import fcntl
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

LOCK_NAME = ".lock"


def own_folder(parent: Path, prefix: str) -> tuple[Path, BinaryIO]:
    """Makes an empty folder `<prefix>...` in `parent`; it is ours until the lock is closed."""
    hidden = Path(mkdtemp(prefix=f".{prefix}", dir=parent))
    lock = (hidden / LOCK_NAME).open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    # Under its name only now: who looks for folders without an owner must not find it unlocked.
    return hidden.rename(parent / hidden.name.removeprefix(".")), lock


def remove_ownerless(parent: Path, prefix: str) -> None:
    """Removes the folders `<prefix>...` whose processes are gone; several processes may."""
    for path in parent.glob(f"{prefix}*/{LOCK_NAME}"):
        try:
            lock = path.open("rb")
        except FileNotFoundError:
            continue  # somebody else removes it
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its process is alive
            shutil.rmtree(path.parent, ignore_errors=True)
