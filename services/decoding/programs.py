"""Runs a program on untrusted input: bounded in time and output, and never left behind."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.chassis.errors import InvalidInputError

READ_BYTES = 1 << 16
TAIL_BYTES = 1 << 14
TERMINATION_SECONDS = 2.0
TETHER = (sys.executable, "-m", "services.chassis.tether")
"""Starts a program so that it dies with us, also when we are killed."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ended by itself."""

    exit_code: int
    complaints: str
    """The end of what it wrote to stderr; holds paths, so it is never shown as it is."""


async def run(
    command: Sequence[str], *, on_output: Callable[[bytes], None], limit_seconds: float
) -> Finished:
    """Runs `command` and hands its stdout to `on_output`, which may raise to end it.

    The program ends with this service (tether), when the caller is cancelled, and after
    `limit_seconds`, which raises InvalidInputError. No shell and no stdin are involved.
    """
    process = await asyncio.create_subprocess_exec(
        *TETHER,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
    )
    try:
        async with asyncio.timeout(limit_seconds):
            return await _finished(process, on_output)
    except TimeoutError as error:
        message = (
            f"Reading this file took longer than the {limit_seconds:.0f} s that are allowed: "
            "cut it into shorter recordings."
        )
        raise InvalidInputError(message, reason="TIME_LIMIT_EXCEEDED") from error
    finally:
        await _ended(process)


async def _finished(
    process: asyncio.subprocess.Process, on_output: Callable[[bytes], None]
) -> Finished:
    if process.stdout is None or process.stderr is None:
        raise RuntimeError("the process was started without pipes")
    tail = asyncio.create_task(_tail(process.stderr))
    try:
        while piece := await process.stdout.read(READ_BYTES):
            on_output(piece)
        return Finished(await process.wait(), (await tail).decode(errors="replace"))
    finally:
        tail.cancel()
        await asyncio.wait({tail})


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while piece := await stream.read(READ_BYTES):
        kept = (kept + piece)[-TAIL_BYTES:]
    return kept


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Asks the program to end, then ends it; returns when it is gone."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    # Reads on, so that a program that is stuck in a write can end.
    draining = asyncio.create_task(process.communicate())
    try:
        await asyncio.wait({draining}, timeout=TERMINATION_SECONDS)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    await draining


def _environment() -> dict[str, str]:
    """Returns our environment without our secrets, which a decoder has no use for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TTSTRAINER_")}
    return {**kept, "AV_LOG_FORCE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}
