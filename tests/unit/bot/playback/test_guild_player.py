"""A guild's player: what is heard, and where it begins and ends."""

import asyncio
import time

import pytest

from bot.audio.opus import SILENCE
from bot.metrics import FIRST_PACKET, ITEMS
from bot.playback.guild_player import GuildPlayer
from bot.playback.players import Players
from services.chassis.errors import UnavailableError
from tests.eventually import eventually
from tests.fakes.bot_channel import FakeChannel, Sayer, spoken
from tests.fakes.bot_speech import FakeSpeech


def outcomes(outcome: str) -> float:
    return ITEMS.labels(outcome)._value.get()  # type: ignore[no-any-return]


async def test_a_message_is_spoken_in_the_channel_of_its_author(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    before = outcomes("complete")
    assert player.enqueue(sayer.item("Hello there")) == 0
    await spoken(player)
    assert len(channel.line.packets) >= 20
    assert outcomes("complete") == before + 1
    assert player.channel == channel.as_channel
    assert not sayer.told


async def test_speech_is_asked_for_before_the_channel_is_joined(
    player: GuildPlayer, speech: FakeSpeech, channel: FakeChannel, sayer: Sayer
) -> None:
    channel.may_join.clear()
    player.enqueue(sayer.item("Hello"))
    await eventually(lambda: speech.texts == ["Hello"])
    assert not channel.lines
    channel.may_join.set()
    await spoken(player)
    assert len(channel.line.packets) >= 10


async def test_the_next_speech_is_fetched_while_one_is_heard_and_no_third_one(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    speech.seconds_per_word = 20
    for text in ("one", "two", "three"):
        player.enqueue(sayer.item(text))
    await eventually(lambda: speech.texts == ["one", "two"])
    assert player.now is not None
    assert player.now.order.text == "one"
    assert [item.order.text for item in player.waiting] == ["two", "three"]


async def test_messages_follow_each_other_without_a_gap(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    for text in ("one", "two", "three"):
        player.enqueue(sayer.item(text))
    await spoken(player)
    await eventually(lambda: channel.line.packets[-1] == SILENCE)
    heard = channel.line.heard
    assert len(heard) == pytest.approx(30, abs=1)
    assert channel.line.packets[: len(heard)] == heard, "no silence between them"


async def test_a_pause_holds_the_speech(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    player.enqueue(sayer.item("one two"))
    await eventually(lambda: channel.lines and len(channel.line.packets) > 5)
    player.pause()
    assert player.is_paused
    await eventually(lambda: channel.line.rests == 2)
    count = len(channel.line.packets)
    await asyncio.sleep(0.1)
    assert len(channel.line.packets) == count
    player.resume()
    await spoken(player)
    assert not player.is_paused


async def test_the_time_to_the_first_packet_is_counted(player: GuildPlayer, sayer: Sayer) -> None:
    before, asked = FIRST_PACKET.labels("at_once")._sum.get(), time.monotonic()
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    took_seconds = time.monotonic() - asked
    assert 0 < FIRST_PACKET.labels("at_once")._sum.get() - before <= took_seconds


async def test_guilds_speak_at_the_same_time(speech: FakeSpeech) -> None:
    players = Players(speech)
    speech.seconds_per_word = 0.5
    channels = [FakeChannel(id=number) for number in range(4)]
    for channel in channels:
        players.of(channel.id).enqueue(Sayer(channel).item("Hello"))
    await asyncio.gather(*(spoken(players.of(channel.id)) for channel in channels))
    begins = [channel.line.times[0] for channel in channels]
    assert max(begins) - min(begins) < 0.4, "one after the other, it would be 0.5 s at least"
    await players.aclose()


async def test_a_closed_player_takes_nothing_more(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    await player.aclose()
    with pytest.raises(UnavailableError, match="restarted"):
        player.enqueue(sayer.item("Hello"))
    with pytest.raises(UnavailableError, match="restarted"):
        await player.join(channel.as_channel)
