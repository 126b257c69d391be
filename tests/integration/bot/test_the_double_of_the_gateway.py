"""The double's main gateway: lines that drop and resume, and what a bot is told of guilds."""

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest

from tests.discord_double.clients import a_client
from tests.discord_double.world import World, a_world
from tests.eventually import eventually


class Heard(discord.Client):
    """Notes what it is told."""

    def __init__(self, world: World, *, members: bool = False, content: bool = True) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        intents.members = members
        super().__init__(intents=intents, connector=world.connector(), guild_ready_timeout=0.1)
        self.messages: list[str] = []
        self.seats: list[tuple[str, object]] = []

    async def on_message(self, message: discord.Message) -> None:
        self.messages.append(message.content)

    async def on_voice_state_update(
        self, member: discord.Member, _: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        self.seats.append((member.name, after.channel and after.channel.name))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


@pytest.fixture
async def bot(world: World) -> AsyncIterator[Heard]:
    client = Heard(world)
    async with world.running(client):
        yield client


@pytest.mark.parametrize("code", [4000, 1001, None])
async def test_what_was_missed_is_told_after_a_resume(
    world: World, bot: Heard, code: int | None
) -> None:
    alice = world.guild.alice
    await alice.say("one")
    await eventually(lambda: bot.messages == ["one"])
    world.gateway.refuses = True
    await world.gateway.drop(code)
    await alice.say("two")
    await alice.join(world.guild.lounge)
    world.gateway.refuses = False
    await eventually(lambda: bot.messages == ["one", "two"])
    await eventually(lambda: bot.seats == [("alice", "lounge")])
    assert world.gateway.resumes == 1
    assert len(world.gateway.identifies) == 1


async def test_a_bot_that_is_asked_to_reconnect_resumes(world: World, bot: Heard) -> None:
    await world.gateway.reconnect()
    await eventually(lambda: world.gateway.resumes == 1)
    await world.guild.alice.say("still there?")
    await eventually(lambda: bot.messages == ["still there?"])


async def test_a_gateway_that_falls_silent_is_left_and_the_session_resumed(world: World) -> None:
    world.gateway.heartbeat_seconds = 0.1
    world.gateway.answers_heartbeats = False
    client = discord.Client(
        intents=discord.Intents.default(),
        connector=world.connector(),
        guild_ready_timeout=0.1,
        heartbeat_timeout=0.5,
    )
    async with world.running(client):
        await eventually(lambda: world.gateway.resumes >= 1)
        world.gateway.answers_heartbeats = True
        await eventually(lambda: world.gateway.heartbeats > 2)


async def test_an_invalid_session_is_begun_anew(world: World, bot: Heard) -> None:
    # discord.py waits five seconds before it identifies again.
    await world.gateway.invalidate()
    await eventually(lambda: len(world.gateway.identifies) == 2, within_seconds=15)
    await eventually(bot.is_ready)
    await world.guild.alice.say("hello again")
    await eventually(lambda: bot.messages == ["hello again"])
    assert world.gateway.resumes == 0


async def test_a_wrong_token_is_refused(world: World) -> None:
    world.token = "another"  # noqa: S105 - of a Discord that lives for one test
    client = a_client(world)
    with pytest.raises(discord.LoginFailure):
        await client.start("token")
    await client.close()


async def test_the_privileged_intent_is_needed_to_read_what_people_write() -> None:
    async with a_world(message_content=False) as world:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with world.running(Heard(world)):
                pytest.fail("it runs")
        blind = Heard(world, content=False)
        async with world.running(blind):
            await world.guild.alice.say("secret")
            await world.guild.alice.write("open")
            await eventually(lambda: blind.messages == ["", "open"])


async def test_a_bot_sees_who_sits_where_from_the_start(world: World) -> None:
    town = world.guild
    await town.alice.join(town.lounge)
    client = Heard(world)
    async with world.running(client):
        lounge = client.get_channel(town.lounge.id)
        assert isinstance(lounge, discord.VoiceChannel)
        assert [member.name for member in lounge.members] == ["alice"]
        await town.bob.join(town.lounge)
        await eventually(lambda: client.seats[-1:] == [("bob", "lounge")])
        await town.alice.move(town.bob, town.studio)
        await eventually(lambda: client.seats[-1:] == [("bob", "studio")])
        await town.bob.leave()
        await eventually(lambda: client.seats[-1:] == [("bob", None)])


async def test_members_are_told_in_chunks_to_who_may_know_them(world: World) -> None:
    town = world.guild
    for number in range(1_100):
        town.add_person(f"person{number}")
    client = Heard(world, members=True)
    async with world.running(client):
        guild = client.get_guild(town.id)
        assert guild
        await guild.chunk()
        assert len(guild.members) == 1_103
        await town.alice.rename("Ally")
        await eventually(lambda: guild.get_member_named("Ally"))


async def test_without_that_intent_members_are_asked_for(world: World, bot: Heard) -> None:
    guild = bot.get_guild(world.guild.id)
    assert guild
    assert [member.name for member in guild.members] == ["reader"]
    found = await guild.query_members("bo")
    assert [member.name for member in found] == ["bob"]
    assert (await guild.fetch_member(world.guild.alice.id)).name == "alice"
    with pytest.raises(discord.NotFound):
        await guild.fetch_member(1)


async def test_permissions_are_computed_as_discord_py_does(world: World, bot: Heard) -> None:
    town = world.guild
    quiet = town.add_role("quiet")
    await town.give(town.bot, quiet)
    await town.allow(town.everyone, town.random, discord.PermissionOverwrite(send_messages=False))
    await town.allow(quiet, town.random, discord.PermissionOverwrite(attach_files=False))
    await town.allow(town.bot, town.random, discord.PermissionOverwrite(send_messages=True))
    channel = bot.get_channel(town.random.id)
    assert isinstance(channel, discord.TextChannel)
    await eventually(lambda: len(channel.overwrites) == 3)
    allowed = channel.permissions_for(channel.guild.me)
    assert (allowed.send_messages, allowed.attach_files, allowed.speak) == (True, False, False)


async def test_guilds_roles_and_channels_may_be_made_while_the_bot_looks(
    world: World, bot: Heard
) -> None:
    town = world.guild
    town.add_role("Readers")
    made = town.add_voice_channel("attic", user_limit=2)
    await eventually(lambda: bot.get_channel(made.id))
    guild = bot.get_guild(town.id)
    assert guild
    assert "Readers" in [role.name for role in guild.roles]


async def test_no_line_is_left_when_a_bot_is_closed() -> None:
    before = asyncio.all_tasks()
    async with a_world() as world, world.running(a_client(world)):
        pass
    await eventually(lambda: asyncio.all_tasks() <= before)
