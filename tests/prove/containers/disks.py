"""Volumes that are file systems in memory: what is on them, and how large they are."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.containers.compose import ComposeStack
from tests.containers.engine import docker


@dataclass(frozen=True, slots=True)
class Disk:
    """Such a volume, mounted while a container uses it."""

    path: Path
    size_bytes: int

    def leave_free(self, free_bytes: int) -> None:
        """Makes it as small as what is on it and a little."""
        found = os.statvfs(self.path)
        used_bytes = (found.f_blocks - found.f_bfree) * found.f_frsize
        self._resize(used_bytes + free_bytes)

    def restore(self) -> None:
        """Gives it the size that it had."""
        self._resize(self.size_bytes)

    def _resize(self, size_bytes: int) -> None:
        command = ["mount", "-o", f"remount,size={size_bytes}", str(self.path)]
        subprocess.run(command, check=True)


def disk_of(stack: ComposeStack, volume: str) -> Disk:
    """Returns the disk behind one of the stack's volumes."""
    name = f"{stack.project}_{volume}"
    path = Path(docker("volume", "inspect", "--format", "{{.Mountpoint}}", name).strip())
    found = os.statvfs(path)
    return Disk(path, found.f_blocks * found.f_frsize)
