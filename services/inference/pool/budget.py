"""How much memory models may take on this machine."""

import os
from pathlib import Path

SHARE = 0.7
"""The rest is for the requests, the libraries and the neighbours."""
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_budget_bytes(asked_bytes: int, *, uses_gpu: bool) -> int:
    """Returns `asked_bytes`, or for zero a share of the GPU's, container's or machine's memory."""
    if asked_bytes:
        return asked_bytes
    return int(SHARE * (_gpu_bytes() if uses_gpu else machine_bytes()))


def machine_bytes(limits: tuple[Path, ...] = CGROUP_LIMITS) -> int:
    """Returns the memory of the machine, or of the container where that is less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *map(_limit, filter(Path.is_file, limits))])


def _limit(file: Path) -> int:
    """Returns the number in a cgroup's file; "max" is no limit."""
    text = file.read_text().strip()
    return int(text) if text.isdigit() else 1 << 62


def _gpu_bytes() -> int:
    import torch

    return int(torch.cuda.mem_get_info()[1])
