"""What somebody pipes into a command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def standard_input(content: bytes) -> Iterator[None]:
    """Has this process read `content`, a pipeful at most, as its standard input."""
    reading, writing = os.pipe()
    saved = os.dup(0)
    os.dup2(reading, 0)
    try:
        os.write(writing, content)
        os.close(writing)
        yield
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(reading)
