"""Who may not use the bot any more, and who sees why."""

from pathlib import Path

import discord

from tests.bot_in_a_world import a_bot
from tests.discord_double.world import World
from tests.eventually import eventually
from tests.fakes.bot_speech import FakeSpeech


async def test_a_ban_ends_what_is_said_for_who_is_banned(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)) as here:
        town = world.guild
        await town.bob.join(town.lounge)
        for _ in range(2):
            await town.bob.say("!say " + " ".join(map(str, range(80))))
        player = here.around.players.of(town.id)
        await eventually(lambda: player.now is not None and player.waiting)
        await (await town.alice.slash("ban", member=town.bob)).answer()
        assert player.now is None
        assert player.waiting == []


async def test_who_is_banned_is_not_spoken_for_until_they_are_not(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await town.bob.join(town.lounge)
        banned = await (await town.alice.slash("ban", member=town.bob, reason="noise")).answer()
        assert town.bob.mention in banned.content
        assert here.book.bans(town.id)[town.bob.id].reason == "noise"
        refused = await (await town.bob.slash("say", text="hello")).answer()
        assert refused.content == "You may not use me in this server."
        unbanned = await (await town.alice.say(f"!unban {town.bob.mention}")).answer()
        assert "can use me again" in unbanned.content
        spoken = await (await town.bob.slash("say", text="hello")).answer()
        assert spoken.content == "I say it."
        again = await (await town.alice.say(f"!unban {town.bob.mention}")).answer()
        assert "was not banned" in again.content


async def test_those_who_manage_see_who_is_banned_and_why_and_who_is_banned_does_not(
    world: World, tmp_path: Path
) -> None:
    carol = world.guild.add_person("carol")
    async with a_bot(world, tmp_path):
        town = world.guild
        nobody = await (await town.alice.slash("bans")).answer()
        assert nobody.content == "Nobody is banned."
        await (await town.alice.slash("ban", member=carol)).answer()
        await (await town.alice.slash("ban", member=town.bob, reason="*noise*")).answer()
        listed = await (await town.alice.slash("bans")).answer()
        assert listed.is_ephemeral
        title, bobs, carols = listed.text.splitlines()
        assert title == "Banned"
        assert bobs.startswith(rf"{town.bob.mention}: \*noise\* (by {town.alice.mention}, <t:")
        assert carols.startswith(f"{carol.mention} (by ")
        again = await (await town.alice.say(f"!ban {town.bob.mention}")).answer()
        assert r"is banned already: \*noise\*. " in again.content
        await (await town.alice.say(f"!ban {town.bob.mention} spam")).answer()
        assert ": spam" in (await (await town.alice.slash("bans")).answer()).text
        refused = await (await town.bob.slash("say", text="hello")).answer()
        assert "spam" not in refused.content


async def test_managers_and_oneself_cannot_be_banned(world: World, tmp_path: Path) -> None:
    town = world.guild
    judge = town.add_role("Judges", discord.Permissions(manage_guild=True))
    carol = town.add_person("carol", roles=[judge])
    async with a_bot(world, tmp_path):
        for person, word in ((town.alice, "yourself"), (carol, "cannot be banned")):
            asked = await town.alice.say(f"!ban {person.mention}")
            assert word in (await asked.answer()).content
