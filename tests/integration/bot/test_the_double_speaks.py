"""The double of Discord: discord.py itself joins, talks, is moved and kicked, and hears people."""

from collections.abc import AsyncIterator

import discord
import numpy as np
import pytest

from tests.discord_double.guilds import Guild
from tests.discord_double.people import opus_frames
from tests.discord_double.rtp import SAMPLE_RATE_HERTZ
from tests.discord_double.world import World, a_world
from tests.eventually import eventually

pytestmark = pytest.mark.filterwarnings("error")


class Tone(discord.AudioSource):
    """A sine, already encoded; without an end unless it is given one."""

    def __init__(self, seconds: float | None = None, hertz: float = 440) -> None:
        times = np.arange(SAMPLE_RATE_HERTZ) / SAMPLE_RATE_HERTZ
        self._frames = opus_frames(0.5 * np.sin(2 * np.pi * hertz * times))
        self._left = None if seconds is None else round(seconds / 0.02)
        self._next = 0

    def is_opus(self) -> bool:
        return True

    def read(self) -> bytes:
        if self._left is not None and self._next >= self._left:
            return b""
        self._next += 1
        return self._frames[self._next % len(self._frames)]


@pytest.fixture(params=[True, False], ids=["encrypted", "open"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(dave=request.param) as made:
        yield made


@pytest.fixture
async def client(world: World) -> AsyncIterator[discord.Client]:
    bot = discord.Client(
        intents=discord.Intents.default(), connector=world.connector(), guild_ready_timeout=0.1
    )
    async with world.running(bot):
        yield bot


async def joined(
    client: discord.Client, guild: Guild, channel_id: int | None = None
) -> discord.VoiceClient:
    """Has discord.py connect, and waits until everybody can decrypt it."""
    channel = client.get_channel(channel_id or guild.lounge.id)
    assert isinstance(channel, discord.VoiceChannel | discord.StageChannel)
    voice: discord.VoiceClient = await channel.connect(timeout=10)
    await (await guild.call()).secured()
    await eventually(lambda: not guild.world.dave or can_encrypt(voice))
    return voice


def can_encrypt(voice: discord.VoiceClient) -> bool:
    return voice._connection.can_encrypt


def loudest_hertz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HERTZ / len(sound))


async def test_who_is_in_the_channel_hears_what_the_bot_plays(
    world: World, client: discord.Client
) -> None:
    await world.guild.alice.join(world.guild.lounge)
    voice = await joined(client, world.guild)
    voice.play(Tone(1.0))
    listener = await world.guild.listener()
    await listener.heard(frames=50)
    await listener.quiet()
    assert not listener.breaks
    assert not listener.undecodable
    assert {packet.is_encrypted for packet in listener.frames} == {world.dave}
    assert listener.frames[0].heard_by == {world.guild.alice.id}
    sound = listener.sound()
    assert len(sound) / SAMPLE_RATE_HERTZ == pytest.approx(1.1, abs=0.02)
    assert loudest_hertz(sound[:48_000]) == pytest.approx(440, abs=2)
    assert float(np.median(listener.gaps_seconds())) == pytest.approx(0.02, abs=0.002)
