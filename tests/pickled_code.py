"""Code in the disguise of data."""

import os
from pathlib import Path


class PickledCode:
    """Makes a folder when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        """Makes `trace`."""
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Says what is to be run."""
        return os.mkdir, (str(self._trace),)
