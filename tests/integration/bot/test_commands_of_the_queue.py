"""What is being said and what waits: seen, skipped, dropped, held."""

from pathlib import Path

import discord

from bot.state.model import GuildSettings
from tests.bot_in_a_world import a_bot
from tests.discord_double.world import World
from tests.eventually import eventually
from tests.fakes.bot_speech import LONG, FakeSpeech


async def test_the_queue_shows_what_is_said_and_what_waits(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)):
        town = world.guild
        empty = await (await town.alice.slash("queue")).answer()
        assert "nothing waits" in empty.content
        await town.alice.join(town.lounge)
        await town.bob.join(town.lounge)
        await town.alice.say(f"!say first {LONG}")
        listener = await town.listener()
        await listener.heard(frames=1)
        await town.bob.say("!say **second** snake_case")
        answer = await (await town.alice.slash("queue")).answer()
        assert answer.is_ephemeral
        first, second = answer.text.splitlines()[1:]
        assert first.startswith(f"**Now** {town.alice.mention}: first word 0 word 1")
        assert first.endswith("…")
        assert second == f"1. {town.bob.mention}: second snake\\_case"


async def test_skip_ends_what_is_said_and_clear_what_waits(world: World, tmp_path: Path) -> None:
    speech = FakeSpeech(pace=1.0)
    async with a_bot(world, tmp_path, speech=speech) as here:
        town = world.guild
        nothing = await (await town.alice.slash("skip")).answer()
        assert nothing.content == "I am not saying anything."
        await town.alice.join(town.lounge)
        await town.bob.join(town.lounge)
        await town.alice.say(f"!say {LONG}")
        await town.alice.say(f"!say again {LONG}")
        await town.bob.say(f"!say bob {LONG}")
        player = here.around.players.of(town.id)
        await eventually(lambda: len(player.waiting) == 2)
        cleared = await (await town.bob.slash("clear")).answer()
        assert cleared.content == "Yours is dropped."
        assert [item.user_id for item in player.waiting] == [town.alice.id]
        skipped = await (await town.alice.slash("skip")).answer()
        assert skipped.content == "Skipped."
        await eventually(
            lambda: player.now is not None and player.now.order.text.startswith("again")
        )
        cleared = await (await town.alice.slash("clear")).answer()
        assert cleared.content == "Dropped: nothing waits any more."
        await eventually(lambda: player.now is None)


async def test_where_managers_alone_may_skip_others_are_told_so(
    world: World, tmp_path: Path
) -> None:
    speech = FakeSpeech(pace=1.0)
    async with a_bot(world, tmp_path, speech=speech) as here:
        town = world.guild
        await here.book.change_guild(town.id, lambda _: GuildSettings(skip_anyone=False))
        await town.alice.join(town.lounge)
        await town.bob.join(town.lounge)
        await town.alice.say(f"!say {LONG}")
        player = here.around.players.of(town.id)
        await eventually(lambda: player.now)
        refused = await (await town.bob.say("!skip")).answer()
        assert "not yours to skip" in refused.content
        assert player.now is not None


async def test_a_pause_is_silent_and_resume_goes_on(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=0.5)):
        town = world.guild
        await town.alice.join(town.lounge)
        await town.alice.say(f"!say {LONG}")
        listener = await town.listener()
        await listener.heard(frames=5)
        await (await town.alice.slash("pause")).answer()
        await listener.quiet(for_seconds=0.3)
        asked = await town.bob.slash("resume")
        assert (await asked.answer()).content == f"Join <#{town.lounge.id}> for that."
        listener.mark()
        await (await town.alice.slash("resume")).answer()
        await listener.heard(frames=5)


async def test_who_does_not_listen_decides_nothing_for_those_who_do(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)) as here:
        town = world.guild
        await town.alice.join(town.lounge)
        await town.alice.say(f"!say {LONG}")
        player = here.around.players.of(town.id)
        await eventually(lambda: player.channel)
        for command in ("skip", "leave", "pause", "resume"):
            refused = await (await town.bob.slash(command)).answer()
            assert refused.content == f"Join <#{town.lounge.id}> for that."
        assert player.now is not None
        assert town.bot.channel is town.lounge


async def test_the_queue_shows_no_text_to_those_who_could_not_hear_it(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)):
        town = world.guild
        await town.allow(town.everyone, town.studio, discord.PermissionOverwrite(connect=False))
        await town.allow(town.bot, town.studio, discord.PermissionOverwrite(connect=True))
        await town.alice.join(town.studio)
        await town.alice.say(f"!say secret {LONG}")
        await (await town.listener()).heard(frames=1)
        seen = await (await town.alice.slash("queue")).answer()
        assert "secret" in seen.text
        hidden = await (await town.bob.slash("queue")).answer()
        assert hidden.text == f"Queue\n**Now** {town.alice.mention}: …"


async def test_the_queue_shows_spoilers_as_spoilers(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)):
        town = world.guild
        await town.alice.join(town.lounge)
        await town.alice.say(f"!say ||the butler|| did it {LONG}")
        await (await town.listener()).heard(frames=1)
        seen = await (await town.alice.slash("queue")).answer()
        assert "butler" not in seen.text
        assert "spoiler did it" in seen.text
