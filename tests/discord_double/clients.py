"""Bare clients of discord.py, for tests of the double and of what discord.py itself does."""

import discord

from tests.discord_double.guilds import Guild
from tests.discord_double.places import Channel
from tests.discord_double.world import World
from tests.eventually import eventually


def a_client(world: World, intents: discord.Intents | None = None) -> discord.Client:
    """Returns a client that has not logged in yet."""
    return discord.Client(
        intents=intents or discord.Intents.default(),
        connector=world.connector(),
        # How long it waits for more guilds before it is ready.
        guild_ready_timeout=0.1,
    )


async def joined(
    client: discord.Client,
    guild: Guild,
    channel: Channel | None = None,
    *,
    timeout_seconds: float = 10,
) -> discord.VoiceClient:
    """Has discord.py connect, and waits until everybody in the channel can decrypt it."""
    place = client.get_channel((channel or guild.lounge).id)
    assert isinstance(place, discord.VoiceChannel | discord.StageChannel)
    voice: discord.VoiceClient = await place.connect(timeout=timeout_seconds)
    call = await guild.call()
    await call.secured()
    if call.dave and any(one.channel is call.channel for one in (guild.alice, guild.bob)):
        await eventually(lambda: voice._connection.can_encrypt)
    return voice
