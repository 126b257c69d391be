"""What discord.py does by itself: `python -m tests.bench.bot.bare_player CHANNEL... SECONDS`.

It joins the channels and plays a sound that lies in memory in each, through its own encoder and
player. It ends by itself.
"""

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import discord
import numpy as np

from tests.bot_process import AUTHORITY, PORT
from tests.discord_double.doors import connector
from tests.discord_double.tone import sine
from tests.discord_double.world import TOKEN
from tests.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sound(discord.AudioSource):
    """A tone of so many seconds, as PCM: stereo, 48 kHz, signed 16 bits."""

    def __init__(self, seconds: float) -> None:
        mono = (sine(1.0) * 32_767).astype("<i2")
        second = np.repeat(mono, 2).tobytes()
        self._frames = [second[start : start + 3840] for start in range(0, len(second), 3840)]
        self._numbers: Iterator[int] = iter(range(round(seconds * 50)))

    def read(self) -> bytes:
        """Returns the next 20 ms."""
        number = next(self._numbers, None)
        return b"" if number is None else self._frames[number % len(self._frames)]


async def main(channel_ids: list[int], seconds: float) -> None:
    """Plays."""
    client = discord.Client(
        intents=discord.Intents.default(),
        connector=connector(int(os.environ[PORT]), os.environ[AUTHORITY].encode()),
        guild_ready_timeout=0.5,
    )
    run = asyncio.create_task(client.start(TOKEN))
    await eventually(client.is_ready, within_seconds=30)
    voices: list[discord.VoiceClient] = []
    for channel_id in channel_ids:
        channel = client.get_channel(channel_id)
        assert isinstance(channel, discord.VoiceChannel)
        voices.append(await channel.connect(self_deaf=True))
    await eventually(lambda: all(voice._connection.can_encrypt for voice in voices))
    for voice in voices:
        # As a bot that reads to people would.
        voice.play(Sound(seconds), application="voip", bitrate=64, signal_type="voice")
    await eventually(
        lambda: not any(voice.is_playing() for voice in voices),
        within_seconds=seconds + 30,
        every_seconds=0.2,
    )
    await client.close()
    await run


if __name__ == "__main__":
    asyncio.run(main([int(one) for one in sys.argv[1:-1]], float(sys.argv[-1])))
