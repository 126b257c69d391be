"""What those who manage a guild decide: settings, who may use the bot, what is read along."""

from pathlib import Path

import discord
import pytest

from bot.state.model import GUILD_SETTINGS, GuildSettings
from services.chassis.errors import UnavailableError
from tests.bot_in_a_world import a_bot
from tests.discord_double.messages import File
from tests.discord_double.world import World
from tests.eventually import eventually
from tests.fakes.bot_speech import FakeSpeech


async def test_settings_are_shown_changed_and_reset(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        shown = await (await town.bob.say("!settings")).answer()
        assert "`voice_id` **the server's own**" in shown.text
        changed = await (await town.alice.say("!settings set max characters 200")).answer()
        assert "no such setting" in changed.content
        changed = await (await town.alice.say("!settings set max-characters 200")).answer()
        assert changed.content == "`max_characters` is now **200 characters**."
        asked = await town.alice.slash("settings set", name="announce_names", value="off")
        assert (await asked.answer()).content == "`announce_names` is now **off**."
        chosen = here.book.guild(town.id)
        assert (chosen.max_characters, chosen.announce_names) == (200, False)
        await (await town.alice.slash("settings reset", name="max_characters")).answer()
        assert here.book.guild(town.id).max_characters == GuildSettings().max_characters
        refused = await (await town.alice.say("!settings set max_waiting 100000")).answer()
        assert "not possible here" in refused.content


async def test_settings_and_their_values_are_completed(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        assert await alice.complete("settings set", "name", "autoread") == [
            "autoread_channel_ids",
            "autoread_prefix",
        ]
        assert len(await alice.complete("settings reset", "name", "")) == min(
            25, len(GUILD_SETTINGS)
        )
        offered = await alice.complete("settings set", "value", "", name="announce_names")
        assert set(offered) == set(GUILD_SETTINGS["announce_names"].kind.suggestions)
        assert await alice.complete("settings set", "value", "jo", name="voice_id") == ["joe"]


@pytest.mark.parametrize(
    "command",
    [
        "settings set max_waiting 3",
        "settings reset max_waiting",
        "autoread on",
        "autoread off",
        "dictionary add-for-all a b",
        "dictionary remove-for-all a",
        "ban {carol}",
        "unban {carol}",
        "bans",
    ],
)
async def test_only_managers_decide_for_others(world: World, tmp_path: Path, command: str) -> None:
    carol = world.guild.add_person("carol")
    async with a_bot(world, tmp_path):
        asked = await world.guild.bob.say("!" + command.format(carol=carol.mention))
        answer = await asked.answer()
        assert "you need the permission “Manage Guild”" in answer.content


async def test_the_voice_of_a_guild_is_one_that_all_may_use(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        for value, word in (
            (f"discord-{town.id}-{town.alice.id}-0123abcd", "its member alone"),
            ("ghost", "no such voice"),
        ):
            refused = await town.alice.slash("settings set", name="voice_id", value=value)
            assert word in (await refused.answer()).content
        taken = await town.alice.slash("settings set", name="voice_id", value="joe")
        assert (await taken.answer()).content == "`voice_id` is now **joe**."
        assert here.book.guild(town.id).voice_id == "joe"


async def test_the_voice_of_a_guild_may_be_called_by_its_name(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        consent = await here.services.consent_service.grant()
        for voice_id, name in (
            ("amy_low", "Amy"),
            (f"discord-{town.id}-{town.alice.id}-0123abcd", "Mine"),
        ):
            await here.services.voice_service.create(
                voice_id=voice_id, display_name=name, consent_id=consent.consent_id
            )
        taken = await town.alice.slash("settings set", name="voice_id", value="amy")
        assert (await taken.answer()).content == "`voice_id` is now **amy_low**."
        refused = await town.alice.slash("settings set", name="voice_id", value="Mine")
        assert "no such voice" in (await refused.answer()).content
        assert here.book.guild(town.id).voice_id == "amy_low"
        reset = await town.alice.slash("settings set", name="voice_id", value="default")
        assert (await reset.answer()).content == "`voice_id` is now **the server's own**."


async def test_a_role_can_be_needed_to_be_spoken_for(world: World, tmp_path: Path) -> None:
    town = world.guild
    readers = town.add_role("Readers", discord.Permissions.none())
    carol = town.add_person("carol", roles=[readers])
    async with a_bot(world, tmp_path):
        for person in (town.alice, town.bob, carol):
            await person.join(town.lounge)
        asked = await town.alice.slash(
            "settings set", name="required_role_id", value=f"<@&{readers.id}>"
        )
        await asked.answer()
        refused = await (await town.bob.slash("say", text="hello")).answer()
        assert f"the role <@&{readers.id}>" in refused.content
        for person in (carol, town.alice):
            taken = await (await person.slash("say", text="hello")).answer()
            assert taken.content.startswith("I say it")


async def test_a_needed_role_that_was_deleted_opens_the_bot_to_nobody(
    world: World, tmp_path: Path
) -> None:
    town = world.guild
    readers = town.add_role("Readers")
    async with a_bot(world, tmp_path):
        for person in (town.alice, town.bob):
            await person.join(town.lounge)
        value = f"<@&{readers.id}>"
        await (
            await town.alice.slash("settings set", name="required_role_id", value=value)
        ).answer()
        town.delete_role(readers)
        refused = await (await town.bob.slash("say", text="hello")).answer()
        assert "was deleted" in refused.content
        assert "required_role_id" in refused.content
        taken = await (await town.alice.slash("say", text="hello")).answer()
        assert taken.content.startswith("I say it")


async def test_a_channel_is_read_along_from_on_to_off(world: World, tmp_path: Path) -> None:
    town = world.guild
    robot = town.add_person("robot", is_bot=True)
    async with a_bot(world, tmp_path) as here:
        orders = here.speech.orders
        await (await town.alice.slash("settings set", name="announce_names", value="off")).answer()
        await (await town.alice.slash("autoread on", channel=town.random)).answer()
        shown = await (await town.alice.slash("autoread show")).answer()
        assert shown.content == f"I read all messages of: <#{town.random.id}>."
        await town.bob.say("bob is in no channel", in_=town.random)
        await town.alice.join(town.lounge)
        await town.alice.say("first", in_=town.random)
        for text in ("!queue", "/me", "$play", f"<@{world.bot.id}> stats"):
            await town.alice.say(text, in_=town.random)
        await robot.say("I am a robot", in_=town.random)
        await town.alice.say("elsewhere", in_=town.general)
        await town.alice.say("look", in_=town.random, files=[File("cat.png", b"cat")])
        await eventually(lambda: len(orders) == 2)
        assert [order.text for order in orders] == ["first", "look. a picture"]
        await (await town.alice.slash("autoread off", channel=town.random)).answer()
        twice = await (await town.alice.slash("autoread off", channel=town.random)).answer()
        assert twice.content == "I was not reading that channel."
        await town.alice.say("not this", in_=town.random)
        await (await town.alice.slash("say", text="last")).answer()
        await eventually(lambda: len(orders) == 3)
        assert orders[-1].text == "last"


async def test_channels_that_were_deleted_are_neither_listed_nor_counted(
    world: World, tmp_path: Path
) -> None:
    town = world.guild
    archived = town.add_thread("last year", town.general)
    most = GuildSettings(autoread_channel_ids=(*range(1, 19), town.random.id, archived.id))
    async with a_bot(world, tmp_path) as here:
        await here.book.change_guild(town.id, lambda _: most)
        town.delete_channel(town.random)
        shown = await (await town.alice.slash("autoread show")).answer()
        assert shown.content == f"I read all messages of: <#{archived.id}>."
        shown = await (await town.alice.slash("settings show")).answer()
        await town.alice.press(shown, "Next")
        await shown.until(
            lambda message: f"`autoread_channel_ids` **<#{archived.id}>**" in message.text
        )
        await (await town.alice.slash("autoread on", channel=town.general)).answer()
        kept = here.book.guild(town.id).autoread_channel_ids
        assert set(kept) == {archived.id, town.general.id}


async def test_while_discord_does_not_tell_no_channel_counts_as_deleted(
    world: World, tmp_path: Path
) -> None:
    world.faults.forbid("GET", "/channels/*")
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        hidden = GuildSettings(autoread_channel_ids=(7,))
        await here.book.change_guild(town.id, lambda _: hidden)
        shown = await (await town.alice.slash("autoread show")).answer()
        assert shown.content == "I read all messages of: <#7>."


async def test_speech_that_fails_again_and_again_is_told_once_where_all_is_read(
    world: World, tmp_path: Path
) -> None:
    down = UnavailableError("I cannot speak at the moment: try again soon.")
    async with a_bot(world, tmp_path, speech=FakeSpeech(error=down)) as here:
        town = world.guild
        await (await town.alice.slash("autoread on")).answer()
        await town.alice.join(town.lounge)
        first = await town.alice.say("first")
        assert (await first.answer()).content == down.message
        for number in range(5):
            await town.alice.say(f"number {number}")
        await eventually(lambda: len(here.speech.orders) == 6)
        written = [r for r in world.requests if r.method == "POST" and "/messages" in r.path]
        assert len(written) == 1


async def test_the_chat_of_the_voice_channel_is_read_where_that_is_wanted(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        for name, value in (("announce_names", "off"), ("read_voice_chat", "on")):
            await (await town.alice.slash("settings set", name=name, value=value)).answer()
        await town.alice.join(town.lounge)
        await town.alice.say("the bot is not here yet", in_=town.lounge)
        await (await town.alice.slash("join")).answer()
        await town.alice.say("hello", in_=town.lounge)
        await town.alice.say("another room", in_=town.studio)
        await eventually(lambda: here.speech.orders)
        assert [order.text for order in here.speech.orders] == ["hello"]


async def test_a_word_can_be_needed_for_what_is_read_along(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        for name, value in (("announce_names", "off"), ("autoread_prefix", ";")):
            await (await town.alice.slash("settings set", name=name, value=value)).answer()
        await (await town.alice.slash("autoread on")).answer()
        await town.alice.join(town.lounge)
        await town.alice.say("not read")
        await town.alice.say("; read")
        await eventually(lambda: here.speech.orders)
        assert [order.text for order in here.speech.orders] == ["read"]
