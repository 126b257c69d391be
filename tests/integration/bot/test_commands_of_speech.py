"""Speaking, and where the bot is for that, written and slashed alike."""

from pathlib import Path

import discord

from bot.state.model import GuildSettings
from services.chassis.errors import UnavailableError
from tests.bot_in_a_world import a_bot
from tests.discord_double.interactions import Interaction
from tests.discord_double.messages import Message
from tests.discord_double.people import Person
from tests.discord_double.world import World
from tests.eventually import eventually
from tests.fakes.bot_speech import LONG, FakeSpeech


async def ask(person: Person, way: str, command: str, **options: str) -> Message | Interaction:
    """Asks for a command, written or slashed."""
    if way == "slash":
        return await person.slash(command, **options)  # type: ignore[arg-type]
    return await person.say(" ".join(["!" + command, *options.values()]))


async def test_what_is_written_is_heard(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await town.alice.join(town.lounge)
        await town.alice.say("!say hello there")
        listener = await town.listener()
        await listener.heard(frames=10)
        assert here.speech.orders[0].text == "Alice said: hello there"


async def test_what_is_slashed_is_heard_and_answered_for_its_author_alone(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await town.alice.join(town.lounge)
        asked = await town.alice.slash("say", text="hello there")
        answer = await asked.answer()
        assert answer.is_ephemeral
        assert answer.content == "I say it."
        listener = await town.listener()
        await listener.heard(frames=10)
        assert here.speech.orders[0].text == "Alice said: hello there"


async def test_who_is_in_no_voice_channel_is_told_to_join_one(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        for way in ("say", "slash"):
            asked = await ask(world.guild.alice, way, "say", text="hello")
            assert "Join a voice channel" in (await asked.answer()).content
        assert here.speech.orders == []


async def test_a_missing_permission_is_named_before_anything_is_tried(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path):
        town = world.guild
        await town.alice.join(town.lounge)
        await town.allow(town.bot, town.lounge, discord.PermissionOverwrite(connect=False))
        asked = await town.alice.slash("say", text="hello")
        answer = await asked.answer()
        assert "I may not connect" in answer.content
        assert f"<#{town.lounge.id}>" in answer.content
        await town.allow(town.bot, town.lounge, discord.PermissionOverwrite(speak=False))
        asked = await town.alice.slash("join")
        assert "I may not speak" in (await asked.answer()).content


async def test_a_full_channel_is_no_place_for_the_bot(world: World, tmp_path: Path) -> None:
    closet = world.guild.add_voice_channel("closet", user_limit=1)
    everyone = world.guild.bot
    async with a_bot(world, tmp_path):
        town = world.guild
        await town.allow(everyone, closet, discord.PermissionOverwrite(move_members=False))
        await town.alice.join(closet)
        asked = await town.alice.slash("join")
        assert "is full" in (await asked.answer()).content


async def test_join_and_leave_are_answered_with_the_channel(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        town = world.guild
        refused = await (await town.alice.slash("leave")).answer()
        assert refused.content == "I am in no voice channel."
        await town.alice.join(town.lounge)
        joined = await (await town.alice.say("!join")).answer()
        assert joined.content == f"I am in <#{town.lounge.id}>."
        assert town.bot.channel is town.lounge
        left = await (await town.alice.say("!leave")).answer()
        assert left.content == f"I have left <#{town.lounge.id}>."
        await eventually(lambda: town.bot.channel is None)


async def test_where_the_bot_does_not_come_by_itself_it_asks_to_be_fetched(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await here.book.change_guild(town.id, lambda _: GuildSettings(auto_join=False))
        await town.alice.join(town.lounge)
        asked = await town.alice.slash("say", text="hello")
        assert "with `join`" in (await asked.answer()).content


async def test_where_the_bot_does_not_come_by_itself_it_is_not_called_away_either(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await here.book.change_guild(town.id, lambda _: GuildSettings(auto_join=False))
        await town.alice.join(town.lounge)
        await (await town.alice.slash("join")).answer()
        await town.bob.join(town.studio)
        refused = await (await town.bob.slash("say", text="hello")).answer()
        assert "with `join`" in refused.content
        taken = await (await town.alice.slash("say", text="hello")).answer()
        assert taken.content == "I say it."
        assert town.bot.channel is town.lounge


async def test_a_channel_that_its_writer_cannot_see_is_not_named(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await town.allow(
            town.everyone, town.random, discord.PermissionOverwrite(view_channel=False)
        )
        await town.allow(town.bot, town.random, discord.PermissionOverwrite(view_channel=True))
        await town.bob.join(town.lounge)
        text = f"see <#{town.general.id}>, not <#{town.random.id}>"
        await (await town.bob.slash("say", text=text)).answer()
        await eventually(lambda: here.speech.orders)
        assert here.speech.orders[0].text == "Bob said: see general, not a channel"


async def test_a_channel_that_one_of_its_hearers_cannot_see_is_not_named_to_them(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        hidden = discord.PermissionOverwrite(view_channel=False)
        await town.allow(town.everyone, town.random, hidden)
        thread = town.add_thread("plans", town.random)
        await town.alice.join(town.lounge)
        text = f"see <#{town.random.id}> and <#{thread.id}>"
        await (await town.alice.slash("say", text=text)).answer()
        await town.bob.join(town.lounge)
        await (await town.alice.slash("say", text=text)).answer()
        await eventually(lambda: len(here.speech.orders) == 2)
        alone, together = (order.text for order in here.speech.orders)
        assert alone == "Alice said: see random and plans"
        assert together == "see a channel and a channel"


async def test_a_private_thread_is_named_to_nobody_and_a_public_one_is(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path) as here:
        town = world.guild
        await town.alice.join(town.lounge)
        private = town.add_thread("surprise", town.general, private=True)
        public = town.add_thread("plans", town.general)
        text = f"see <#{private.id}> and <#{public.id}>"
        await (await town.alice.slash("say", text=text)).answer()
        await eventually(lambda: here.speech.orders)
        assert here.speech.orders[0].text == "Alice said: see a channel and plans"


async def test_speech_that_fails_is_told_as_a_reply(world: World, tmp_path: Path) -> None:
    speech = FakeSpeech(error=UnavailableError("I cannot speak at the moment: try again soon."))
    async with a_bot(world, tmp_path, speech=speech):
        town = world.guild
        await town.alice.join(town.lounge)
        asked = await town.alice.say("!say hello")
        answer = await asked.answer()
        assert answer.content == "I cannot speak at the moment: try again soon."
        assert answer.reply_to is asked


async def test_of_a_flood_a_part_is_spoken_and_one_answer_is_written(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)) as here:
        town = world.guild
        await town.alice.join(town.lounge)
        for number in range(200):
            await town.alice.say(f"!say {number} {LONG}")
        player = here.around.players.of(town.id)
        await eventually(lambda: player.now)
        last = await town.alice.slash("queue")
        assert "**Now**" in (await last.answer()).text
        assert 0 < len(player.waiting) <= GuildSettings().max_waiting_per_member
        written = [r for r in world.requests if r.method == "POST" and "/messages" in r.path]
        assert len(written) == 1
