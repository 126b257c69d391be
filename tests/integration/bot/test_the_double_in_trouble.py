"""The double's troubles: what discord.py itself makes of broken lines, kicks and moves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.discord_double import rtp
from tests.discord_double.calls import CRASHED, NO_DAVE
from tests.discord_double.clients import a_client, joined
from tests.discord_double.tone import Tone
from tests.discord_double.world import World, a_world
from tests.eventually import eventually


@pytest.fixture(params=[True, False], ids=["encrypted", "open"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(dave=request.param) as made:
        yield made


@pytest.fixture
async def client(world: World) -> AsyncIterator[discord.Client]:
    async with world.running(a_client(world)) as bot:
        yield bot


@pytest.fixture
async def voice(world: World, client: discord.Client) -> discord.VoiceClient:
    """In the lounge with Alice, and playing."""
    await world.guild.alice.join(world.guild.lounge)
    connected = await joined(client, world.guild)
    connected.play(Tone())
    await (await world.guild.listener()).heard(frames=5)
    return connected


async def test_who_is_kicked_is_out(
    world: World, client: discord.Client, voice: discord.VoiceClient
) -> None:
    await world.guild.alice.kick(world.guild.bot)
    await eventually(lambda: not client.voice_clients)
    listener = world.guild.calls[-1].listener
    await listener.quiet()
    assert not voice.is_connected()


async def test_who_is_moved_plays_on_in_the_other_channel(
    world: World, voice: discord.VoiceClient
) -> None:
    town = world.guild
    await town.bob.join(town.studio)
    await town.alice.move(town.bot, town.studio)
    await eventually(lambda: len(town.calls) == 2)
    listener = await town.listener()
    frames = await listener.heard(frames=5)
    assert {packet.heard_by for packet in frames} == {frozenset({town.bob.id})}
    assert voice.channel.id == town.studio.id


# discord.py forgets its old socket when it moves.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_who_moves_by_itself_plays_on_too(
    world: World, client: discord.Client, voice: discord.VoiceClient
) -> None:
    town = world.guild
    await town.bob.join(town.studio)
    studio = client.get_channel(town.studio.id)
    assert isinstance(studio, discord.VoiceChannel)
    await voice.move_to(studio)
    await eventually(lambda: len(town.calls) == 2)
    await (await town.listener()).heard(frames=5)


async def test_another_voice_server_is_followed(world: World, voice: discord.VoiceClient) -> None:
    await world.guild.move_voice_server()
    listener = await world.guild.listener()
    await listener.heard(frames=5)
    assert len({call.endpoint for call in world.guild.calls}) == 2
    assert voice.is_playing()


async def test_a_line_that_is_cut_is_taken_up_again(
    world: World, client: discord.Client, voice: discord.VoiceClient
) -> None:
    (await world.guild.call()).abort()
    await eventually(lambda: len(world.guild.calls) == 2)
    await (await world.guild.listener()).heard(frames=5)
    assert client.voice_clients == [voice]


async def test_who_may_not_connect_gets_no_answer(world: World, client: discord.Client) -> None:
    town = world.guild
    await town.allow(town.everyone, town.lounge, discord.PermissionOverwrite(connect=False))
    with pytest.raises(TimeoutError):
        await joined(client, town, timeout_seconds=0.5)
    assert town.refused_joins == [town.lounge]
    assert town.bot.channel is None


async def test_who_is_muted_or_on_stage_is_not_heard(world: World, client: discord.Client) -> None:
    town = world.guild
    await town.alice.join(town.stage)
    voice = await joined(client, town, town.stage)
    voice.play(Tone())
    listener = await town.listener()
    await eventually(lambda: len(listener.packets) > 5)
    assert not listener.frames
    moderators = town.add_role("moderators", discord.Permissions(mute_members=True))
    await town.give(town.bot, moderators)
    guild = client.get_guild(town.id)
    assert guild
    await guild.me.edit(suppress=False)
    await listener.heard(frames=5)
    await town.alice.mute(town.bot)
    listener.mark()
    before = len(listener.packets)
    await eventually(lambda: len(listener.packets) > before + 5)
    assert not listener.frames
    assert not any(packet.is_encrypted for packet in listener.packets)


async def test_a_lost_discovery_leaves_discord_py_waiting(
    world: World, client: discord.Client
) -> None:
    world.udp.lost_discoveries = 1
    with pytest.raises(TimeoutError):
        await joined(client, world.guild, timeout_seconds=0.5)
    assert (await joined(client, world.guild)).is_connected()


async def test_clients_without_dave_are_turned_away() -> None:
    async with a_world() as world, world.running(a_client(world)):
        town = world.guild
        town.seat_bot(town.lounge)
        async with _voice_line(world) as line:
            await line.send_json(_identify(world, max_dave_protocol_version=0))
            await _closed(line)
            assert line.close_code == NO_DAVE


async def test_a_voice_session_is_resumed_with_what_was_missed() -> None:
    async with a_world(dave=False) as world, world.running(a_client(world)):
        town = world.guild
        town.seat_bot(town.lounge)
        async with _voice_line(world) as line:
            await line.send_json(_identify(world))
            await _told(line, 2)
            data = {"address": "127.0.0.1", "port": 1, "mode": rtp.MODE}
            await line.send_json({"op": 1, "d": {"protocol": "udp", "data": data}})
            last = (await _told(line, 4))["seq"]
            await (await town.call()).close(CRASHED)
            await _closed(line)
        await town.alice.join(town.lounge)
        await town.bob.join(town.lounge)
        async with _voice_line(world) as line:
            call = town.calls[-1]
            who = {"server_id": str(town.id), "session_id": "", "token": call.token}
            await line.send_json({"op": 7, "d": who | {"seq_ack": last}})
            missed = [await line.receive_json() for _ in range(4)]
            assert [message["op"] for message in missed] == [8, 11, 11, 9]
            assert missed[1]["d"] == {"user_ids": [str(town.alice.id)]}
        assert call.resumes == 1


async def test_the_voice_server_knows_its_sessions() -> None:
    async with a_world() as world, world.running(a_client(world)):
        world.guild.seat_bot(world.guild.lounge)
        for wrong, code in (({"token": "x"}, 4004), ({"session_id": "x"}, 4006)):
            async with _voice_line(world) as line:
                await line.send_json(_identify(world, **wrong))
                await _closed(line)
                assert line.close_code == code


async def test_heartbeats_are_answered() -> None:
    async with a_world() as world, world.running(a_client(world)):
        world.guild.seat_bot(world.guild.lounge)
        async with _voice_line(world) as line:
            await line.send_json(_identify(world))
            await line.send_json({"op": 3, "d": {"t": 12, "seq_ack": -1}})
            assert (await _told(line, 6))["d"] == {"t": 12}
        assert world.gateway.heartbeats >= 1


def _voice_line(world: World) -> "_Line":
    return _Line(world)


class _Line:
    """A voice websocket without discord.py."""

    def __init__(self, world: World) -> None:
        self._session = aiohttp.ClientSession(connector=world.connector())
        self._url = f"wss://{world.guild.calls[-1].endpoint}/?v=8"

    async def __aenter__(self) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(self._url)

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()


def _identify(world: World, **changed: object) -> dict[str, object]:
    call = world.guild.calls[-1]
    data: dict[str, object] = {
        "server_id": str(world.guild.id),
        "user_id": str(world.bot.id),
        "session_id": world.gateway.session_id,
        "token": call.token,
        "max_dave_protocol_version": 1,
    }
    return {"op": 0, "d": data | changed}


async def _told(line: aiohttp.ClientWebSocketResponse, op: int) -> dict[str, object]:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        message = await line.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.TEXT:
            content: dict[str, object] = json.loads(message.data)
            if content["op"] == op:
                return content
    pytest.fail(f"no op {op}")


async def _closed(line: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(5):
        async for _ in line:
            pass
