"""The store in a directory, killed in the middle of a write."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from services.chassis.storage.local_artifacts import PARTIAL_FOLDER, LocalArtifacts

DIE_BEFORE_IT_IS_VISIBLE = """
import asyncio, os, signal, sys
from pathlib import Path
from services.chassis.storage import local_artifacts

def die(path):
    os.kill(os.getpid(), signal.SIGKILL)

local_artifacts._sync = die  # the content is written, and not yet in its place
store = local_artifacts.LocalArtifacts(Path(sys.argv[1]))
asyncio.run(store.write("a", b"new"))
"""


@pytest.mark.parametrize("before", [None, b"old"])
async def test_a_crash_in_mid_write_leaves_what_was_there(
    tmp_path: Path, before: bytes | None
) -> None:
    store = LocalArtifacts(tmp_path)
    if before:
        await store.write("a", before)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        DIE_BEFORE_IT_IS_VISIBLE,
        str(tmp_path),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert await process.wait() == -signal.SIGKILL
    assert any((tmp_path / PARTIAL_FOLDER).iterdir())
    found = await store.stat("a")
    assert (await store.read("a") if found else None) == before
    assert [each.key async for each in store.list("")] == (["a"] if before else [])
