"""A guild's queue: who is spoken for when, how fast, and what is not spoken after all."""

from dataclasses import replace
from functools import partial

import pytest

from bot.playback.fair_queue import QueueFullError
from bot.playback.guild_player import GuildPlayer
from bot.playback.haste import MOST_HASTE
from bot.playback.item import Item
from bot.text.announcing import Announcer
from tests.eventually import eventually
from tests.fakes.bot_channel import FakeChannel, Sayer, spoken
from tests.fakes.bot_speech import FakeSpeech


async def test_users_take_turns(player: GuildPlayer, speech: FakeSpeech, sayer: Sayer) -> None:
    speech.seconds_per_word = 0.04
    places = [player.enqueue(sayer.item(f"a{number}", user_id=2)) for number in range(3)]
    places.append(player.enqueue(sayer.item("b0", user_id=3)))
    assert places == [0, 1, 2, 1]
    await spoken(player)
    assert speech.texts == ["a0", "b0", "a1", "a2"]


async def test_who_speaks_is_said_in_the_order_of_turns(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    announcer = Announcer(lambda: 0.0)

    def item(text: str, user_id: int, name: str) -> Item:
        introduced = partial(
            announcer.announced, guild_id=1, user_id=user_id, name=name, language_code="en"
        )
        return replace(sayer.item(text, user_id), introduced=introduced)

    speech.seconds_per_word = 0.04
    for text, user_id, name in (("one", 2, "Ada"), ("two", 2, "Ada"), ("three", 3, "Bob")):
        player.enqueue(item(text, user_id, name))
    await spoken(player)
    assert speech.texts == ["Ada said: one", "Bob said: three", "Ada said: two"]


async def test_one_user_cannot_fill_the_queue(player: GuildPlayer, sayer: Sayer) -> None:
    player.rules = replace(player.rules, queue_limit_per_user=3)
    for _ in range(3):
        player.enqueue(sayer.item("Spam"))
    with pytest.raises(QueueFullError, match="3 messages of yours"):
        player.enqueue(sayer.item("Spam"))
    assert player.enqueue(sayer.item("Hello", user_id=3)) > 0


async def test_a_skip_cancels_the_speech_at_once_and_the_next_is_heard(
    player: GuildPlayer, speech: FakeSpeech, channel: FakeChannel, sayer: Sayer
) -> None:
    speech.pace = 1.0
    long = sayer.item("word " * 50)
    player.enqueue(long)
    player.enqueue(sayer.item("next " * 10, user_id=3))
    await eventually(lambda: channel.lines and len(channel.line.packets) > 5)
    assert not player.skip(user_id=99), "it is of somebody else"
    assert player.skip()
    await eventually(lambda: speech.closed == [long.order.text], within_seconds=5)
    await eventually(lambda: player.now is not None and player.now.order.text.startswith("next"))
    await spoken(player)
    assert not player.skip()


async def test_two_skips_end_two_messages(player: GuildPlayer, sayer: Sayer) -> None:
    for text in ("one " * 20, "two " * 20, "three " * 20):
        player.enqueue(sayer.item(text))
    await eventually(lambda: len(player.waiting) == 2 and player.now is not None)
    assert player.skip(user_id=2)
    await eventually(lambda: player.now is not None and player.now.order.text.startswith("two"))
    assert player.skip(user_id=2)
    await eventually(lambda: player.now is not None and player.now.order.text.startswith("three"))


async def test_what_waits_can_be_cleared_of_one_user_or_all(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    speech.seconds_per_word = 20
    for user_id in (2, 3, 2, 3, 4):
        player.enqueue(sayer.item("word", user_id=user_id))
    await eventually(lambda: len(speech.texts) == 2)
    assert player.clear(3) == 2
    assert [item.user_id for item in player.waiting] == [4, 2]
    assert player.clear() == 2
    assert player.waiting == []
    assert player.now is not None, "what is spoken goes on"


async def test_a_stalled_speech_can_be_skipped(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    player.enqueue(sayer.item("Stall"))
    await eventually(lambda: speech.texts == ["Stall"])
    player.skip()
    player.enqueue(sayer.item("Hello"))
    await spoken(player)


async def test_a_long_queue_is_spoken_faster(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    speech.seconds_per_word = 0.02
    for _ in range(10):
        player.enqueue(sayer.item("word"))
    await spoken(player)
    speeds = [order.speed for order in speech.orders]
    assert 1.0 < speeds[0] <= MOST_HASTE
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == 1.0


async def test_a_guild_may_want_no_haste(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    player.rules = replace(player.rules, speaks_faster=False)
    speech.seconds_per_word = 0.02
    for _ in range(10):
        player.enqueue(sayer.item("word"))
    await spoken(player)
    assert {order.speed for order in speech.orders} == {1.0}
