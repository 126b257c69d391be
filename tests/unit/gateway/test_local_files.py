"""Files on their way to a service."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from gateway.client.local_files import checked_file, fingerprint
from services.chassis.errors import InvalidInputError

SECONDS = 10.0
LARGE_BYTES = 16 << 30
"""It takes longer than that to read."""


async def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    (tmp_path / "film.mp4").write_bytes(content)
    known = await fingerprint(tmp_path / "film.mp4")
    assert known == (hashlib.sha256(content).hexdigest(), len(content))


async def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(InvalidInputError, match=r"pipe\.mp4 is no ordinary file"):
        await fingerprint(tmp_path / "pipe.mp4")
    with pytest.raises(InvalidInputError, match=r"pipe\.mp4 is no ordinary file"):
        checked_file(tmp_path / "pipe.mp4")


async def test_whoever_is_interrupted_does_not_read_a_large_file_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.touch()
    os.truncate(path, LARGE_BYTES)
    reading = asyncio.ensure_future(fingerprint(path))
    await asyncio.wait([reading], timeout=0.1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(SECONDS):  # as the end of the command waits for its threads
        await asyncio.get_running_loop().shutdown_default_executor()
