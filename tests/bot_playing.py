"""A bot that only plays, in the double of Discord: its players, and people who have things said."""

import asyncio
import itertools
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import discord

from bot.playback.guild_player import GuildPlayer
from bot.playback.item import Item, VocalChannel
from bot.playback.patience import VoicePatience
from bot.playback.players import Players
from bot.speech.order import SpeechOrder
from tests.discord_double.clients import a_client
from tests.discord_double.guilds import Guild
from tests.discord_double.people import Person
from tests.discord_double.places import Channel
from tests.discord_double.world import World, a_world
from tests.eventually import eventually
from tests.fakes.bot_channel import spoken
from tests.fakes.bot_speech import FakeSpeech

HASTY = VoicePatience(connect_seconds=5, recovery_seconds=5, leave_seconds=2, watch_seconds=0.1)


@dataclass
class Playing:
    """What a test of the playback has at hand."""

    world: World
    client: discord.Client
    speech: FakeSpeech
    players: Players
    told: dict[int, list[str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def place(self, channel: Channel) -> VocalChannel:
        """Returns the bot's own view of a channel."""
        found = self.client.get_channel(channel.id)
        assert isinstance(found, discord.VoiceChannel | discord.StageChannel)
        return found

    def player(self, guild: Guild | None = None) -> GuildPlayer:
        """Returns the player of a guild."""
        return self.players.of((guild or self.world.guild).id)

    def say(self, text: str, person: Person | None = None) -> int:
        """Has something said where a person sits: alice, if nobody is named."""
        person = person or self.world.guild.alice
        assert person.channel is not None

        async def report(words: str) -> None:
            self.told.setdefault(person.id, []).append(words)

        item = Item(
            next(self._numbers),
            person.id,
            SpeechOrder(text),
            self.place(person.channel),
            report,
            time.monotonic(),
        )
        return self.player(person.guild).enqueue(item)

    async def spoken(self, guild: Guild | None = None, within_seconds: float = 20) -> None:
        """Waits until nothing is left to say."""
        await spoken(self.player(guild), within_seconds=within_seconds)


@asynccontextmanager
async def playing(
    *, dave: bool = True, voice_latency_seconds: float = 0, patience: VoicePatience = HASTY
) -> AsyncIterator[Playing]:
    """Runs a bot whose players use a FakeSpeech; alice sits in the lounge of the town.

    Raises:
        AssertionError: A task or a thread of the bot was left when all was closed.
    """
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    async with a_world(dave=dave, voice_latency_seconds=voice_latency_seconds) as world:
        world.add_guild("village")
        client, speech = a_client(world), FakeSpeech()
        players = Players(speech, patience)
        async with world.running(client):
            await world.guild.alice.join(world.guild.lounge)
            yield Playing(world, client, speech, players)
            await players.aclose()
            assert speech.running == 0
    await eventually(lambda: asyncio.all_tasks() <= tasks | {asyncio.current_task()})
    await eventually(lambda: _left(threads) == [])


def _left(before: set[threading.Thread]) -> list[str]:
    """Returns the names of threads that are new, without those that asyncio keeps for later."""
    names = [thread.name for thread in set(threading.enumerate()) - before]
    return [name for name in names if not name.startswith("asyncio_")]
