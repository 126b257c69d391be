"""`tts-trainer discord-bot` as a process, in the double of Discord."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bot_process import AUTHORITY, PORT
from tests.discord_double.world import World
from tests.e2e.command import environment
from tests.eventually import eventually


class RunningCommand:
    """The command, and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        """What it wrote, to either stream."""
        return self._log.read_text()

    async def exit_code(self) -> int:
        """Waits for its end."""
        return await asyncio.wait_for(self.process.wait(), 60)

    async def says(self, words: str) -> None:
        """Waits until it has said so."""

        def has_said() -> bool:
            assert self.process.returncode is None or words in self.said, self.said
            return words in self.said

        await eventually(has_said, within_seconds=60)


@asynccontextmanager
async def a_command(
    home: Path,
    world: World,
    *arguments: str,
    settings: Mapping[str, str],
    log: Path | None = None,
) -> AsyncIterator[RunningCommand]:
    """Starts the command in the double."""
    home.mkdir(exist_ok=True)
    log = log or home.parent / "command.log"
    way = {PORT: str(world.port), AUTHORITY: world.authority_pem.decode()}
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "TTSTRAINER_LOG_LEVEL": "warning"}
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.discord_command", *arguments),
            env=environment(home, **way, **paths, **settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield RunningCommand(process, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
