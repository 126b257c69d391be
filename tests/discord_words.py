"""What people in voice channels understand of the bot: the real voice, Opus, RTP, encryption."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from services.speech.text import corpus_word_error_rate
from tests.discord_double.guilds import Guild
from tests.discord_double.listener import SAMPLE_RATE_HERTZ, Listener
from tests.discord_double.world import TOKEN, a_world
from tests.e2e.discord_command import a_command
from tests.listening import heard

PAUSE_SECONDS = 2.0
"""A busy machine makes shorter ones within a sentence."""


async def word_error_rate(folder: Path, texts: Sequence[str], *, dave: bool) -> float:
    """Has the command's bot say the texts in two guilds at once; returns how many words were lost.

    Also asserts that every packet came in its order, and could be decrypted.
    """
    folder.mkdir(exist_ok=True)
    async with a_world(dave=dave) as world:
        world.add_guild("village")
        settings = {"DISCORD_TOKEN": TOKEN}
        async with a_command(folder / "home", world, settings=settings) as command:
            await command.says("Ctrl-C ends it.")
            half = len(texts) // 2
            parts = zip(world.guilds, (texts[:half], texts[half:]), strict=True)
            words = await asyncio.gather(*(_spoken(guild, part) for guild, part in parts))
        for guild in world.guilds:
            listener = guild.calls[-1].listener
            assert not listener.breaks
            assert not listener.undecodable
            assert all(packet.is_encrypted is dave for packet in listener.frames)
    said = [text for understood in words for text in understood]
    return corpus_word_error_rate(texts, said, language="en")


async def _spoken(guild: Guild, texts: Sequence[str]) -> list[str]:
    """Has sentences said one by one, and returns what was understood."""
    await guild.alice.join(guild.lounge)
    asked = await guild.alice.slash("settings set", name="announce_names", value="no")
    await asked.answer()
    understood = []
    for text in texts:
        for call in guild.calls:
            call.listener.mark()
        await guild.alice.say(f"!say {text}")
        listener = await guild.listener(within_seconds=30)
        understood.append(await _understood(listener))
    return understood


async def _understood(listener: Listener) -> str:
    await listener.heard(frames=10, within_seconds=60)
    await listener.quiet(PAUSE_SECONDS)
    return await asyncio.to_thread(heard, listener.sound()[:, 0], SAMPLE_RATE_HERTZ)
