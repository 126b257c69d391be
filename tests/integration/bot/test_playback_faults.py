"""What people hear, and are told, when Discord's voice does not hold still."""

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.playback.fair_queue import QueueFullError
from tests.bot_playing import HASTY, playing
from tests.discord_double.calls import CRASHED
from tests.discord_double.tone import loudest_hertz
from tests.eventually import eventually


async def test_nothing_is_sent_before_the_channel_has_its_keys() -> None:
    async with playing(voice_latency_seconds=0.1) as bot:
        bot.say("Hello")
        listener = await bot.world.guild.listener()
        await bot.spoken()
        await listener.quiet()
        assert len(listener.frames) >= 10
        assert not listener.undecodable


async def test_an_answer_of_discord_that_comes_at_once_is_not_missed() -> None:
    async with playing() as bot:
        guild = bot.place(bot.world.guild.lounge).guild
        ask = bot.client.ws.voice_state

        def is_answered() -> bool:
            return isinstance(guild.voice_client, discord.VoiceClient) and bool(
                guild.voice_client.endpoint
            )

        async def ask_and_hear(*arguments: Any, **fields: Any) -> None:  # noqa: ANN401 - handed on
            """As where the process was held up, and finds the answer in its socket."""
            await ask(*arguments, **fields)
            await eventually(is_answered)

        bot.client.ws.voice_state = ask_and_hear  # type: ignore[method-assign]
        bot.say("Hello")
        listener = await bot.world.guild.listener()
        await listener.heard(frames=10)
        await bot.spoken()
        assert not bot.told


async def test_who_waits_is_told_of_a_kick_and_the_bot_comes_when_it_is_asked_again() -> None:
    async with playing() as bot:
        town = bot.world.guild
        await town.bob.join(town.lounge)
        bot.speech.seconds_per_word = 5.0
        for person in (town.alice, town.bob, town.bob):
            bot.say("Hello", person)
        await (await town.listener()).heard(frames=5)
        await town.alice.kick(town.bot)
        await eventually(lambda: len(bot.told) == 2)
        assert all("disconnected" in words for (words,) in bot.told.values())
        assert bot.player().now is None
        await eventually(lambda: bot.speech.running == 0)
        bot.speech.seconds_per_word = 0.5
        bot.say("Hello")
        await (await town.listener()).heard(frames=20)
        await bot.spoken()


async def test_a_moderator_moves_the_bot_and_it_speaks_on_where_it_is() -> None:
    async with playing() as bot:
        town = bot.world.guild
        await town.bob.join(town.studio)
        bot.speech.seconds_per_word = 2.0
        bot.say("one")
        bot.say("two")
        await (await town.listener()).heard(frames=5)
        await town.alice.move(town.bot, town.studio)
        await eventually(lambda: bot.player().channel == bot.place(town.studio))
        listener = await town.listener()
        await listener.heard(frames=150)
        await bot.spoken()
        assert town.bot.channel is town.studio
        assert not listener.undecodable
        assert not bot.told


@pytest.mark.parametrize("fault", ["moved", "crashed", "cut"])
async def test_speech_goes_on_after_the_voice_server_was_lost(fault: str) -> None:
    async with playing() as bot:
        town = bot.world.guild
        bot.speech.seconds_per_word = 2.0
        bot.say("Hello")
        call = await town.call()
        await call.listener.heard(frames=10)
        match fault:
            case "moved":
                await town.move_voice_server()
            case "crashed":
                await call.close(CRASHED)
            case _:
                call.abort()
        await bot.spoken(within_seconds=30)
        heard = {id(one.listener): one.listener for one in (call, *town.calls)}.values()
        assert sum(len(listener.frames) for listener in heard) >= 80, "hardly any of it was lost"
        assert not any(listener.undecodable for listener in heard)
        assert not bot.told


async def test_speech_goes_on_while_the_gateway_is_away() -> None:
    async with playing() as bot:
        bot.speech.seconds_per_word = 2.0
        bot.say("Hello")
        listener = await bot.world.guild.listener()
        await listener.heard(frames=10)
        await bot.world.gateway.drop()
        await bot.spoken()
        await listener.quiet()
        assert len(listener.frames) == pytest.approx(100, abs=1)
        await eventually(lambda: bot.world.gateway.resumes)


async def test_it_comes_back_when_the_gateway_forgot_it() -> None:
    async with playing() as bot:
        town = bot.world.guild
        bot.speech.seconds_per_word = 6.0
        bot.say("Hello")
        first = await town.listener()
        await first.heard(frames=10)
        await bot.world.gateway.invalidate(resumable=False)
        await eventually(lambda: len(town.calls) == 2, within_seconds=20)
        await (await town.listener()).heard(frames=10)
        await bot.spoken()
        assert not bot.told
        bot.player().rules = replace(bot.player().rules, empty_leave_seconds=0.2)
        await town.alice.leave()
        await eventually(lambda: town.bot.channel is None)


async def test_a_line_that_loses_packets_is_still_understood() -> None:
    async with playing() as bot:
        bot.speech.seconds_per_word = 3.0
        bot.world.udp.loss_ratio = 0.05
        bot.say("Hello")
        listener = await bot.world.guild.listener()
        await bot.spoken()
        await listener.quiet()
        assert bot.world.udp.lost_count
        assert loudest_hertz(listener.sound()) == pytest.approx(440, abs=5)


async def test_everybody_hears_it_whoever_comes_and_goes() -> None:
    async with playing() as bot:
        town = bot.world.guild
        bot.speech.seconds_per_word = 30.0
        bot.say("Hello")
        call = await town.call()
        for _ in range(3):
            await call.listener.heard(frames=5)
            await town.bob.join(town.lounge)
            await call.secured()
            call.listener.mark()
            await call.listener.heard(frames=5)
            await town.bob.leave()
            await call.secured()
            call.listener.mark()
        assert not call.listener.undecodable
        assert not call.listener.breaks
        bot.player().skip()


async def test_two_hundred_messages_of_one_user_leave_room_for_others() -> None:
    async with playing() as bot:
        town = bot.world.guild
        await town.bob.join(town.lounge)
        bot.speech.seconds_per_word = 0.1
        refused = 0
        for number in range(200):
            try:
                bot.say(f"spam{number}", town.alice)
            except QueueFullError:
                refused += 1
        assert refused == 200 - bot.player().rules.queue_limit_per_user
        assert bot.say("Hello", town.bob) <= 1
        await bot.spoken()
        assert bot.speech.texts.index("Hello") <= 1


async def test_a_channel_that_does_not_answer_is_given_up() -> None:
    async with playing(patience=replace(HASTY, connect_seconds=2)) as bot:
        town = bot.world.guild
        town.lounge.overwrites[town.bot] = discord.PermissionOverwrite(connect=False)
        bot.say("Hello")
        await eventually(lambda: bot.told, within_seconds=15)
        assert "could not join" in bot.told[town.alice.id][0]
        assert bot.speech.running == 0
        del town.lounge.overwrites[town.bot]
        bot.say("Hello")
        await (await town.listener()).heard(frames=5)
        await bot.spoken()


async def test_to_stop_while_many_wait_leaves_nothing_running() -> None:
    async with playing() as bot:
        town, village = bot.world.guilds
        await village.alice.join(village.lounge)
        bot.speech.seconds_per_word = 60.0
        for person in (town.alice, village.alice):
            bot.say("Hello", person)
            bot.say("again", person)
            await (await person.guild.listener()).heard(frames=3)
        await asyncio.wait_for(bot.players.aclose(), 5)
        await eventually(lambda: town.bot.channel is None and village.bot.channel is None)
