"""Where a guild's player is: it comes, moves and leaves."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.playback.guild_player import GuildPlayer
from services.chassis.errors import ConflictError, ServiceError
from tests.eventually import eventually
from tests.fakes.bot_channel import FakeChannel, Sayer, spoken


async def test_it_moves_to_the_author_when_it_is_idle_and_not_before(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    other = FakeChannel(id=71, guild=channel.guild)
    player.enqueue(sayer.item("Hello there all"))
    with pytest.raises(ConflictError, match="I am busy in <#70>"):
        player.enqueue(sayer.item("Hello", user_id=3, channel=other))
    await spoken(player)
    player.enqueue(sayer.item("Hello", user_id=3, channel=other))
    await spoken(player)
    assert player.channel == other.as_channel
    assert len(channel.lines) == 1


async def test_who_is_where_it_may_not_go_is_told_and_it_stays_where_it_is(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    other = FakeChannel(id=71, guild=channel.guild)
    other.permissions.update(speak=False)
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    player.enqueue(sayer.item("Hello", user_id=3, channel=other))
    await eventually(lambda: "may not speak in <#71>" in sayer.told.get(3, [""])[0])
    await spoken(player)
    assert player.channel == channel.as_channel


async def test_it_joins_and_leaves_when_asked(player: GuildPlayer, channel: FakeChannel) -> None:
    await player.join(channel.as_channel)
    assert player.channel == channel.as_channel
    assert player.voice_client is not None
    await player.leave()
    assert player.channel is None
    assert player.voice_client is None
    assert channel.guild.voice_client is None


async def test_a_join_that_is_refused_leaves_nothing_behind(
    player: GuildPlayer, channel: FakeChannel
) -> None:
    channel.permissions.update(speak=False)
    with pytest.raises(ServiceError, match="may not speak"):
        await player.join(channel.as_channel)
    channel.permissions.update(speak=True)
    channel.user_limit = 1
    with pytest.raises(ServiceError, match="is full"):
        await player.join(channel.as_channel)
    assert player.channel is None


async def test_to_leave_while_it_joins_ends_in_no_channel(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    channel.may_join.clear()
    player.enqueue(sayer.item("Hello"))
    await eventually(lambda: channel.guild.voice_client is not None)
    await player.leave()
    assert channel.guild.voice_client is None
    channel.may_join.set()
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    assert channel.line.packets


async def test_who_sends_it_away_before_it_could_join_is_obeyed(
    player: GuildPlayer, channel: FakeChannel
) -> None:
    await player.join(channel.as_channel)
    channel.guild.me.voice = SimpleNamespace()  # Discord has not said yet that it is out
    channel.line.kick()
    joining = asyncio.create_task(player.join(channel.as_channel))
    await asyncio.sleep(0)
    await player.leave()
    channel.guild.me.voice = None
    with pytest.raises(ConflictError, match="sent away"):
        await joining
    assert len(channel.lines) == 1
    assert channel.guild.voice_client is None


async def test_it_leaves_when_nobody_listens(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    player.rules = replace(player.rules, empty_leave_seconds=0.1)
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    channel.people = {1, 5}
    channel.guild.bots.add(5)
    await eventually(lambda: player.channel is None)


async def test_it_leaves_when_nothing_is_said_for_long(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    player.rules = replace(player.rules, idle_leave_seconds=0.1)
    player.enqueue(sayer.item("Hello"))
    await eventually(lambda: channel.lines and player.channel is None)
    await eventually(lambda: channel.guild.voice_client is None)


async def test_it_stays_where_it_listens(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    other = FakeChannel(id=71, guild=channel.guild)
    player.rules = replace(player.rules, idle_leave_seconds=0.1)
    await player.join(channel.as_channel)
    with player.listening() as voice:
        assert voice is player.voice_client
        await asyncio.sleep(0.3)
        assert player.channel == channel.as_channel, "it was not silent in vain"
        with pytest.raises(ConflictError, match="in <#70>"):
            player.enqueue(sayer.item("Hello", channel=other))
        with pytest.raises(ConflictError, match="in <#70>"):
            await player.join(other.as_channel)
        player.enqueue(sayer.item("Hello"))
        await spoken(player)
    await eventually(lambda: player.channel is None)


async def test_it_listens_to_one_at_a_time_and_only_where_it_is(
    player: GuildPlayer, channel: FakeChannel
) -> None:
    with pytest.raises(ConflictError, match="could not come"), player.listening():
        pass
    await player.join(channel.as_channel)
    with player.listening():
        with pytest.raises(ConflictError, match="somebody else"), player.listening():
            pass
        with pytest.raises(ConflictError, match="somebody else"), player.listening():
            pass
    with player.listening():
        pass
