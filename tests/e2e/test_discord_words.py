"""People in voice channels understand the bot: the real voice, through Opus, RTP and encryption."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.speech.text import corpus_word_error_rate
from tests.discord_double.guilds import Guild
from tests.discord_double.listener import SAMPLE_RATE_HERTZ, Listener
from tests.discord_double.world import TOKEN, a_world
from tests.e2e.discord_command import a_command
from tests.listening import heard
from tests.prove.inference.sentences import SENTENCES

HIGHEST_WORD_ERROR_RATE = 0.08
SAID = SENTENCES[:20]

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("dave", [True, False], ids=["encrypted", "open"])
async def test_twenty_sentences_are_understood(tmp_path: Path, dave: bool) -> None:
    settings = {"DISCORD_TOKEN": TOKEN}
    async with a_world(dave=dave) as world:
        world.add_guild("village")
        async with a_command(tmp_path / "home", world, settings=settings) as command:
            await command.says("Ctrl-C ends it.")
            count = len(SAID) // 2
            words = await asyncio.gather(
                *(
                    _spoken(guild, SAID[place * count : (place + 1) * count])
                    for place, guild in enumerate(world.guilds)
                )
            )
        said = [text for texts in words for text in texts]
        rate = corpus_word_error_rate(SAID, said, language="en")
        print(f"word error rate {rate:.1%}")  # noqa: T201 - a figure for who asks
        assert rate <= HIGHEST_WORD_ERROR_RATE
        for guild in world.guilds:
            listener = guild.calls[-1].listener
            assert not listener.breaks
            assert not listener.undecodable
            assert all(packet.is_encrypted is dave for packet in listener.frames)


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
    await listener.quiet(0.5)
    return await asyncio.to_thread(heard, listener.sound()[:, 0], SAMPLE_RATE_HERTZ)
