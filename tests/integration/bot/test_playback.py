"""What people in voice channels hear, with discord.py and a real encryption between."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import discord
import numpy as np
import pytest

from services.chassis.errors import ServiceError
from tests.bot_playing import Playing, playing
from tests.discord_double.tone import loudest_hertz
from tests.eventually import eventually


@pytest.fixture(params=[True, False], ids=["encrypted", "open"])
async def bot(request: pytest.FixtureRequest) -> AsyncIterator[Playing]:
    async with playing(dave=request.param) as made:
        yield made


async def test_what_is_said_is_heard_whole(bot: Playing) -> None:
    bot.speech.seconds_per_word = 1.0
    bot.say("Hello")
    listener = await bot.world.guild.listener()
    frames = await listener.heard(frames=50)
    await bot.spoken()
    await listener.quiet()
    assert not listener.breaks
    assert not listener.undecodable
    assert {packet.is_encrypted for packet in frames} == {bot.world.dave}
    sound = listener.sound()
    assert loudest_hertz(sound[:48_000]) == pytest.approx(440, abs=2)
    assert np.abs(sound[:, 0] - sound[:, 1]).max() < 0.001, "both ears hear the same"
    assert len(listener.frames) == pytest.approx(50, abs=1)


async def test_messages_of_several_people_follow_each_other_without_a_gap(bot: Playing) -> None:
    town = bot.world.guild
    await town.bob.join(town.lounge)
    for text in ("one", "two", "three"):
        bot.say(text, town.alice)
        bot.say(text, town.bob)
    listener = await town.listener()
    await bot.spoken()
    await listener.quiet()
    assert bot.speech.texts == ["one", "one", "two", "two", "three", "three"]
    sounding = [packet for packet in listener.packets if not packet.is_silence]
    first, last = listener.packets.index(sounding[0]), listener.packets.index(sounding[-1])
    assert listener.packets[first : last + 1] == sounding, "no silence between the messages"
    assert not listener.breaks


async def test_the_first_packet_comes_soon_and_the_second_20_ms_later(bot: Playing) -> None:
    bot.say("warm")
    await bot.spoken()
    listener = await bot.world.guild.listener()
    await listener.quiet()
    late, gaps = [], []
    for _ in range(5):
        listener.mark()
        asked = time.perf_counter()
        bot.say("Hello")
        heard = await listener.heard(frames=2)
        late.append(heard[0].arrived - asked)
        gaps.append(heard[1].arrived - heard[0].arrived)
        await bot.spoken()
        await listener.quiet()
    assert min(late) < 0.1  # 10 ms on an idle machine, where nothing is waited for
    assert np.median(gaps) < 0.03  # discord.py's own player: 40 ms


async def test_the_bot_is_shown_as_speaking_while_it_speaks(bot: Playing) -> None:
    bot.say("Hello")
    call = await bot.world.guild.call()
    await bot.spoken()
    await call.listener.quiet()
    await eventually(lambda: [flags for _, flags in call.speaking][-2:] == [1, 0])


async def test_a_skip_is_heard_at_once(bot: Playing) -> None:
    bot.speech.seconds_per_word, bot.speech.pace = 10.0, 0.5
    bot.say("Hello")
    listener = await bot.world.guild.listener()
    await listener.heard(frames=5)
    skipped = time.perf_counter()
    assert bot.player().skip()
    await eventually(lambda: bot.speech.closed == ["Hello"])
    await listener.quiet()
    after = [packet for packet in listener.frames if packet.arrived > skipped + 0.06]
    assert not after


async def test_guilds_are_spoken_to_at_once_each_with_its_own_words(bot: Playing) -> None:
    town, village = bot.world.guilds
    await village.bob.join(village.studio)
    bot.speech.seconds_per_word = 1.0
    bot.say("Hello", town.alice)
    bot.say("Hello", village.bob)
    first, second = await town.listener(), await village.listener()
    await asyncio.gather(first.heard(frames=48), second.heard(frames=48))
    starts, ends = zip(*((it.frames[0], it.frames[-1]) for it in (first, second)), strict=True)
    overlap = min(it.arrived for it in ends) - max(it.arrived for it in starts)
    assert overlap > 0, "neither waits for the other"
    await bot.spoken(town)
    await bot.spoken(village)


async def test_it_moves_to_who_speaks_next(bot: Playing) -> None:
    town = bot.world.guild
    bot.say("Hello")
    await bot.spoken()
    await town.bob.join(town.studio)
    bot.say("Over here", town.bob)
    await eventually(lambda: town.bot.channel is town.studio)
    await (await town.listener()).heard(frames=10)
    await bot.spoken()


async def test_a_pause_is_silent_and_what_was_held_is_heard_after_it(bot: Playing) -> None:
    bot.speech.seconds_per_word = 3.0
    bot.say("Hello")
    listener = await bot.world.guild.listener()
    await listener.heard(frames=10)
    bot.player().pause()
    await listener.quiet()
    paused_at = len(listener.frames)
    bot.player().resume()
    await bot.spoken()
    await listener.quiet()
    assert paused_at < 140
    assert len(listener.frames) == pytest.approx(150, abs=1)
    assert not listener.breaks


async def test_it_leaves_when_the_people_have_left(bot: Playing) -> None:
    town = bot.world.guild
    bot.say("Hello")
    await bot.spoken()
    bot.player().rules = replace(bot.player().rules, empty_leave_seconds=0.2)
    await town.alice.leave()
    await eventually(lambda: town.bot.channel is None)
    assert bot.player().channel is None


async def test_it_joins_a_channel_and_leaves_it(bot: Playing) -> None:
    town = bot.world.guild
    await bot.player().join(bot.place(town.lounge))
    assert town.bot.channel is town.lounge
    await bot.player().leave()
    await eventually(lambda: town.bot.channel is None)
    await bot.player().join(bot.place(town.lounge))
    assert town.bot.channel is town.lounge


async def test_on_a_stage_it_asks_to_be_let_out_of_the_audience(bot: Playing) -> None:
    town = bot.world.guild
    await town.alice.move(town.alice, town.stage)
    bot.say("Hello")
    await eventually(lambda: "invite me to speak" in bot.told.get(town.alice.id, [""])[0])
    await bot.spoken()
    await town.give(town.bot, town.add_role("Stage hands", discord.Permissions(mute_members=True)))
    bot.say("Hello")
    await (await town.listener()).heard(frames=5)
    await bot.spoken()


async def test_it_says_which_permission_is_missing(bot: Playing) -> None:
    town = bot.world.guild
    await town.allow(town.bot, town.lounge, discord.PermissionOverwrite(connect=False))
    lounge = bot.place(town.lounge)
    await eventually(lambda: not lounge.permissions_for(lounge.guild.me).connect)
    with pytest.raises(ServiceError, match="permission Connect"):
        await bot.player().join(lounge)
