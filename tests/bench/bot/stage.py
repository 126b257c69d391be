"""Where the bot is measured: a Discord with some guilds, people in their channels, and speech."""

import asyncio
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.services import INFERENCE
from tests.bench.bot.paced_speech import PacedSpeech
from tests.bot_process import BotProcess, bot_process, environment
from tests.discord_double.guilds import Guild
from tests.discord_double.world import World, a_world
from tests.fakes.serving import listening
from tests.servers import NatsServer, free_port
from ttstrainer.inference.v1.inference_service_pb2_grpc import (
    add_InferenceServiceServicer_to_server,
)

_SETTINGS = {
    "announce_names": "no",
    "member_messages_per_minute": "300",
    "guild_messages_per_minute": "1000",
    "max_audio_seconds": "600",
}


@dataclass
class Stage:
    """Everything but the subject."""

    world: World
    folder: Path
    speech: PacedSpeech
    speech_address: str
    nats: NatsServer

    @property
    def guilds(self) -> list[Guild]:
        """All of them; alice sits in each lounge."""
        return self.world.guilds

    @asynccontextmanager
    async def our_bot(self) -> AsyncIterator["Subject"]:
        """Runs the bot as a process of its own, ready, with limits that let all through."""
        metrics_port = free_port()
        changed = {
            "TTSTRAINER_NATS_URL": self.nats.url,
            "TTSTRAINER_BOT_INFERENCE_ADDRESS": self.speech_address,
            "TTSTRAINER_BOT_METRICS_PORT": str(metrics_port),
        }
        async with bot_process(self.folder, self.world, changed) as process:
            await process.ready()
            for guild in self.guilds:
                for name, value in _SETTINGS.items():
                    asked = await guild.alice.slash("settings set", name=name, value=value)
                    await asked.answer()
            yield Subject(process, metrics_port)

    async def bare_player(self, seconds: float) -> None:
        """Runs discord.py alone, until it has played."""
        channels = [str(guild.lounge.id) for guild in self.guilds]
        module = "tests.bench.bot.bare_player"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", module, *channels, str(seconds)),
            env=environment(self.folder, self.world),
        )
        assert await process.wait() == 0


@dataclass
class Subject:
    """The bot that is measured."""

    process: BotProcess
    metrics_port: int

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.process.pid

    async def counted(self, metric: str) -> float:
        """Returns a counter of its own, without labels."""
        page = await asyncio.to_thread(_fetched, f"http://127.0.0.1:{self.metrics_port}/metrics")
        return next(
            float(line.split()[1]) for line in page.splitlines() if line.startswith(f"{metric} ")
        )


@asynccontextmanager
async def stage(folder: Path, guild_count: int) -> AsyncIterator[Stage]:
    """Sets it up."""
    speech = PacedSpeech()
    nats = NatsServer(folder / "nats")
    register = partial(add_InferenceServiceServicer_to_server, speech)
    try:
        async with (
            a_world() as world,
            listening(register, service_names=(INFERENCE.rpc_name,)) as server,
        ):
            for number in range(1, guild_count):
                world.add_guild(f"village{number}")
            for guild in world.guilds:
                await guild.alice.join(guild.lounge)
            yield Stage(world, folder, speech, server.address, nats)
    finally:
        nats.stop()


def _fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own process
        return str(response.read().decode())
