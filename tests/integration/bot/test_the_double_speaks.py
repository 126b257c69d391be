"""The double's voice: discord.py itself joins, is heard, and hears people, encrypted or not."""

import asyncio
from collections.abc import AsyncIterator

import davey
import discord
import numpy as np
import pytest
from discord.opus import Decoder

from tests.discord_double import rtp
from tests.discord_double.clients import a_client, joined
from tests.discord_double.tone import Tone, loudest_hertz, sine
from tests.discord_double.world import World, a_world
from tests.eventually import eventually


@pytest.fixture(params=[True, False], ids=["encrypted", "open"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(dave=request.param) as made:
        made.add_guild("village")
        yield made


@pytest.fixture
async def client(world: World) -> AsyncIterator[discord.Client]:
    async with world.running(a_client(world)) as bot:
        yield bot


async def test_who_is_in_the_channel_hears_what_the_bot_plays(
    world: World, client: discord.Client
) -> None:
    await world.guild.alice.join(world.guild.lounge)
    voice = await joined(client, world.guild)
    voice.play(Tone(1.0))
    listener = await world.guild.listener()
    await listener.heard(frames=50)
    await listener.quiet()
    assert not listener.breaks
    assert not listener.undecodable
    assert {packet.is_encrypted for packet in listener.frames} == {world.dave}
    assert listener.frames[0].heard_by == {world.guild.alice.id}
    sound = listener.sound()
    assert len(sound) / rtp.SAMPLE_RATE_HERTZ == pytest.approx(1.1, abs=0.02)
    assert loudest_hertz(sound[:48_000]) == pytest.approx(440, abs=2)
    assert float(np.median(listener.gaps_seconds())) == pytest.approx(0.02, abs=0.002)


async def test_several_guilds_are_spoken_to_at_once(world: World, client: discord.Client) -> None:
    town, village = world.guilds
    for guild, hertz in ((town, 440), (village, 660)):
        await guild.alice.join(guild.lounge)
        voice = await joined(client, guild)
        voice.play(Tone(hertz=hertz))
    for guild, hertz in ((town, 440), (village, 660)):
        listener = await guild.listener()
        await listener.heard(frames=50)
        assert loudest_hertz(listener.sound()) == pytest.approx(hertz, abs=5)
        assert not listener.breaks


async def test_the_bot_hears_who_talks(world: World, client: discord.Client) -> None:
    await world.guild.alice.join(world.guild.lounge)
    voice = await joined(client, world.guild)
    connection = voice._connection
    heard: list[bytes] = []
    connection.add_socket_listener(heard.append)
    await world.guild.alice.talk(sine(0.5))
    await eventually(lambda: len(heard) == 30)
    decoder = Decoder()  # type: ignore[no-untyped-call]
    pcm = b""
    for datagram in heard:
        packet = rtp.opened(datagram, bytes(connection.secret_key))
        assert packet
        frame = packet.payload
        if connection.dave_session and frame != rtp.SILENCE:
            alice = world.guild.alice.id
            frame = connection.dave_session.decrypt(alice, davey.MediaType.audio, frame)
        pcm += decoder.decode(frame, fec=False)
    sound = np.frombuffer(pcm, "<i2").reshape(-1, 2) / 32_768
    assert loudest_hertz(sound[:24_000]) == pytest.approx(440, abs=3)


async def test_everybody_hears_the_bot_whoever_comes_and_goes(
    world: World, client: discord.Client
) -> None:
    town = world.guild
    carol = town.add_person("carol")
    await town.alice.join(town.lounge)
    voice = await joined(client, town)
    voice.play(Tone())
    call = await town.call()
    listener = call.listener
    for step in (
        town.bob.join(town.lounge),
        carol.join(town.lounge),
        town.alice.leave(),
        town.alice.join(town.lounge),
        town.bob.leave(),
        carol.move(town.alice, town.studio),
    ):
        await step
        await call.secured()
        present = {one.id for one in (town.alice, town.bob, carol) if one.channel is town.lounge}
        listener.mark()
        # What was on its way may still be for those who were there before.
        frames = await listener.heard(frames=10)
        assert frames[-1].heard_by == present
    assert not listener.undecodable
    assert not listener.breaks


async def test_a_bot_alone_starts_over_when_somebody_comes_again() -> None:
    async with a_world() as world, world.running(a_client(world)) as client:
        town = world.guild
        voice = await joined(client, town)
        voice.play(Tone())
        call = await town.call()
        await asyncio.sleep(0)
        for _ in range(2):
            await town.alice.join(town.lounge)
            await call.secured()
            call.listener.mark()
            await call.listener.heard(frames=5)
            assert all(packet.is_encrypted for packet in call.listener.frames)
            await town.alice.leave()
            await eventually(lambda: not voice._connection.can_encrypt)
        assert len(call.dave.transitions if call.dave else []) == 2


@pytest.mark.parametrize("is_first", [True, False], ids=["committing", "welcomed"])
async def test_a_bot_that_cannot_follow_is_taken_in_again(is_first: bool) -> None:
    async with a_world() as world, world.running(a_client(world)) as client:
        town = world.guild
        if not is_first:
            await town.alice.join(town.lounge)
        voice = await joined(client, town)
        call = await town.call()
        call.spoils_next = True
        for person in (town.bob, town.alice) if is_first else (town.bob,):
            await person.join(town.lounge)
        await eventually(lambda: not call.spoils_next)
        await call.secured()
        await eventually(lambda: voice._connection.can_encrypt)
        voice.play(Tone())
        frames = await call.listener.heard(frames=10)
        assert frames[-1].heard_by == {town.alice.id, town.bob.id}


async def test_many_come_at_once_while_the_bot_commits() -> None:
    async with a_world() as world, world.running(a_client(world)) as client:
        town = world.guild
        crowd = [town.add_person(f"person{number}") for number in range(8)]
        voice = await joined(client, town)
        voice.play(Tone())
        for person in crowd:
            await person.join(town.lounge)
        for person in crowd[::2]:
            await person.leave()
        call = await town.call()
        await call.secured()
        await eventually(lambda: voice._connection.can_encrypt)
        call.listener.mark()
        await call.listener.heard(frames=10)
        assert call.listener.frames[-1].heard_by == {person.id for person in crowd[1::2]}


async def test_frames_sent_before_the_keys_are_there_reach_nobody() -> None:
    async with a_world(voice_latency_seconds=0.1) as world, world.running(a_client(world)) as bot:
        await world.guild.alice.join(world.guild.lounge)
        channel = bot.get_channel(world.guild.lounge.id)
        assert isinstance(channel, discord.VoiceChannel)
        voice: discord.VoiceClient = await channel.connect(timeout=10)
        voice.play(Tone(1.0))
        listener = await world.guild.listener()
        await listener.heard(frames=10)
        assert listener.undecodable
        assert not any(packet.is_encrypted for packet in listener.undecodable)


async def test_packets_are_lost_and_late_as_told(world: World, client: discord.Client) -> None:
    await world.guild.alice.join(world.guild.lounge)
    voice = await joined(client, world.guild)
    world.udp.loss_ratio, world.udp.jitter_seconds = 0.2, 0.05
    voice.play(Tone(2.0))
    listener = await world.guild.listener()
    await listener.heard(frames=60)
    await listener.quiet()
    assert len(listener.packets) + world.udp.lost_count == 105
    assert 5 < world.udp.lost_count < 40
    assert listener.breaks
    assert loudest_hertz(listener.sound()) == pytest.approx(440, abs=5)
