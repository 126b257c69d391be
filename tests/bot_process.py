"""The bot as a process of its own in the double of Discord: `python -m tests.bot_process`."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.__main__ import compose
from bot.settings import BotSettings
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from tests.discord_double.doors import connector
from tests.discord_double.world import TOKEN, World
from tests.eventually import eventually
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events

PORT, AUTHORITY = "DOUBLE_PORT", "DOUBLE_AUTHORITY"
NOWHERE = "127.0.0.1:1"


class BotProcess:
    """A running bot."""

    def __init__(self, log: Path, process: asyncio.subprocess.Process) -> None:
        """Use `bot_process` instead."""
        self._log = log
        self.process = process

    @property
    def said(self) -> str:
        """What it wrote to standard error so far."""
        return self._log.read_text()

    def line(self, event: str) -> dict[str, Any] | None:
        """Returns the first line of its log about `event`."""
        lines = [json.loads(line) for line in self.said.splitlines() if line.startswith("{")]
        return next((line for line in lines if line["event"] == event), None)

    async def ready(self) -> dict[str, Any]:
        """Waits until Discord has let it in, and returns what it said then."""

        def found() -> dict[str, Any] | None:
            assert self.process.returncode is None, self.said
            return self.line("discord.ready")

        return (await eventually(found, within_seconds=30)) or {}

    async def exit_code(self, within_seconds: float = 30) -> int:
        """Waits for its end."""
        return await asyncio.wait_for(self.process.wait(), within_seconds)


@asynccontextmanager
async def bot_process(
    folder: Path, world: World | None, changed: Mapping[str, str] | None = None
) -> AsyncIterator[BotProcess]:
    """Starts the bot in `world`; without one, as it is started for people."""
    log = folder / "bot.log"
    module = "tests.bot_process" if world else "bot"
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            env=environment(folder, world) | dict(changed or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield BotProcess(log, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def environment(folder: Path, world: World | None) -> dict[str, str]:
    """Returns an environment in which the bot touches `folder` alone, with a token and ports."""
    ours = ("TTSTRAINER", "DISCORD")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    found = inherited | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DISCORD_TOKEN": TOKEN,
        "TTSTRAINER_SCRATCH_DIR": str(folder / "scratch"),
        "TTSTRAINER_BOT_PORT": "0",
        "TTSTRAINER_BOT_METRICS_PORT": "0",
        "TTSTRAINER_BOT_INFERENCE_ADDRESS": NOWHERE,
        "TTSTRAINER_BOT_DATASET_ADDRESS": NOWHERE,
    }
    if world:
        found |= {PORT: str(world.port), AUTHORITY: world.authority_pem.decode()}
    return found


@asynccontextmanager
async def compose_in_the_double(
    settings: BotSettings, resources: Resources
) -> AsyncIterator[Edges]:
    """Builds the bot; Discord is where the environment says."""
    reach = connector(int(os.environ[PORT]), os.environ[AUTHORITY].encode())
    async with compose(settings, resources, reach) as edges:
        yield edges


if __name__ == "__main__":
    run(
        BotSettings,
        compose_in_the_double,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
