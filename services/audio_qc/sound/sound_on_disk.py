"""Sound on disk: mono samples in a scratch file, read in pieces, so that length costs no memory."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SAMPLE_BYTES = 4

Samples = NDArray[np.float32]


class SoundOnDisk:
    """Raw float32 samples in a file; each read opens it anew, so threads may share one."""

    def __init__(self, path: Path) -> None:
        """Reads from a file that `kept` has written."""
        self._path = path
        self._count = path.stat().st_size // SAMPLE_BYTES

    def __len__(self) -> int:
        """Returns the number of samples."""
        return self._count

    def read(self, start: int, end: int) -> Samples:
        """Returns the samples from `start` to before `end`, as far as there are any."""
        start, end = (min(max(0, at), self._count) for at in (start, end))
        return np.fromfile(
            self._path, np.float32, count=max(0, end - start), offset=start * SAMPLE_BYTES
        )


def kept(path: Path, sound: Iterable[Samples]) -> SoundOnDisk:
    """Writes a mono recording that comes in blocks to a file."""
    with path.open("wb") as file:
        for block in sound:
            file.write(np.ascontiguousarray(block, np.float32).tobytes())
    return SoundOnDisk(path)
