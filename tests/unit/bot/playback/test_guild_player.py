"""A guild's queue: what is spoken when, and what people are told; with a real thread that sends."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from bot.audio.opus import SILENCE
from bot.metrics import FIRST_PACKET, ITEMS
from bot.playback.fair_queue import QueueFullError
from bot.playback.guild_player import GuildPlayer
from bot.playback.haste import MOST_HASTE
from bot.playback.item import Item
from bot.playback.patience import VoicePatience
from bot.playback.players import Players
from bot.text.announcing import Announcer
from services.chassis.errors import ConflictError, ServiceError, UnavailableError
from tests.eventually import eventually
from tests.fakes.bot_channel import FakeChannel, Sayer
from tests.fakes.bot_speech import FakeSpeech


@pytest.fixture
def speech() -> FakeSpeech:
    return FakeSpeech()


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def sayer(channel: FakeChannel) -> Sayer:
    return Sayer(channel)


@pytest.fixture
async def player(speech: FakeSpeech) -> AsyncIterator[GuildPlayer]:
    players = Players(speech, VoicePatience(recovery_seconds=0.2, watch_seconds=0.05))
    yield players.of(7)
    await players.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "no task is left"
    assert "playout" not in {thread.name for thread in threading.enumerate()}
    assert speech.running == 0


def outcomes(outcome: str) -> float:
    return ITEMS.labels(outcome)._value.get()  # type: ignore[no-any-return]


async def spoken(player: GuildPlayer) -> None:
    await eventually(lambda: player.now is None and not player.waiting)


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


async def test_a_speech_that_breaks_off_is_reported_and_the_queue_goes_on(
    player: GuildPlayer, speech: FakeSpeech, channel: FakeChannel, sayer: Sayer
) -> None:
    before = outcomes("failed")
    player.enqueue(sayer.item("Hello Fail"))
    player.enqueue(sayer.item("again", user_id=3))
    await spoken(player)
    assert sayer.told == {2: ["The speech broke off."]}
    assert outcomes("failed") == before + 1
    assert len(channel.line.heard) >= 20, "what was there of it was heard, and what came next"


async def test_a_service_that_is_down_is_said_and_comes_back(
    player: GuildPlayer, speech: FakeSpeech, channel: FakeChannel, sayer: Sayer
) -> None:
    speech.error = UnavailableError("I cannot speak at the moment.")
    player.enqueue(sayer.item("Hello"))
    await eventually(lambda: sayer.told == {2: ["I cannot speak at the moment."]})
    speech.error = None
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    assert len(channel.line.packets) >= 10


async def test_a_channel_that_may_not_be_joined_is_reported_to_all_who_wait(
    player: GuildPlayer, speech: FakeSpeech, channel: FakeChannel, sayer: Sayer
) -> None:
    channel.permissions.update(connect=False)
    for user_id in (2, 2, 3):
        player.enqueue(sayer.item("Hello", user_id=user_id))
    await eventually(lambda: len(sayer.told) == 2)
    for words in sayer.told.values():
        assert words == ["I may not join <#70>: give me the permission Connect there."]
    assert player.now is None
    assert speech.running == 0
    channel.permissions.update(connect=True)
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    assert channel.line.packets


async def test_a_join_that_fails_is_reported_and_the_next_one_may_succeed(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    channel.error = TimeoutError()
    player.enqueue(sayer.item("Hello"))
    await eventually(lambda: "could not join" in sayer.told.get(2, [""])[0])
    channel.error = None
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    assert channel.line.packets


async def test_who_waits_is_told_once_when_the_bot_is_kicked(
    player: GuildPlayer, speech: FakeSpeech, channel: FakeChannel, sayer: Sayer
) -> None:
    for user_id in (2, 3, 3):
        player.enqueue(sayer.item("word " * 20, user_id=user_id))
    await eventually(lambda: channel.lines and len(channel.line.packets) > 5)
    channel.line.kick()
    await eventually(lambda: len(sayer.told) == 2)
    assert [len(words) for words in sayer.told.values()] == [1, 1]
    assert "disconnected" in sayer.told[3][0]
    assert player.waiting == []
    assert player.channel is None
    await eventually(lambda: speech.running == 0)
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    assert len(channel.lines) == 2


async def test_it_moves_to_the_author_when_it_is_idle_and_not_before(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    other = FakeChannel(id=71, guild=channel.guild)
    player.enqueue(sayer.item("Hello there all"))
    with pytest.raises(ConflictError, match="I speak in <#70>"):
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


async def test_a_connection_that_does_not_come_back_is_made_anew(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    player.enqueue(sayer.item("word " * 10))
    await eventually(lambda: channel.lines and len(channel.line.packets) > 5)
    first = channel.line
    first.is_open = False
    await spoken(player)
    assert len(channel.lines) == 2
    assert len(first.heard) + len(channel.line.heard) >= 100, "nothing was lost"


async def test_a_connection_that_ends_by_itself_is_made_anew_at_once(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    player.enqueue(sayer.item("word " * 10))
    await eventually(lambda: channel.lines and len(channel.line.packets) > 5)
    first = channel.line
    first.end()
    await spoken(player)
    assert len(channel.lines) == 2
    assert len(first.heard) + len(channel.line.heard) >= 100
    assert not sayer.told


async def test_the_time_to_the_first_packet_is_counted(player: GuildPlayer, sayer: Sayer) -> None:
    before = FIRST_PACKET.labels("at_once")._sum.get()
    player.enqueue(sayer.item("Hello"))
    await spoken(player)
    assert 0 < FIRST_PACKET.labels("at_once")._sum.get() - before < 1


async def test_a_report_that_never_ends_holds_nothing_up(player: GuildPlayer, sayer: Sayer) -> None:
    async def forever(_: str) -> None:
        await asyncio.Event().wait()

    player.enqueue(replace(sayer.item("Fail"), report=forever))
    player.enqueue(sayer.item("Hello", user_id=3))
    await spoken(player)


async def test_a_stalled_speech_can_be_skipped(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    player.enqueue(sayer.item("Stall"))
    await eventually(lambda: speech.texts == ["Stall"])
    player.skip()
    player.enqueue(sayer.item("Hello"))
    await spoken(player)


async def test_guilds_speak_at_the_same_time(speech: FakeSpeech) -> None:
    players = Players(speech)
    speech.seconds_per_word = 0.5
    channels = [FakeChannel(id=number) for number in range(4)]
    for channel in channels:
        players.of(channel.id).enqueue(Sayer(channel).item("Hello"))
    await asyncio.gather(*(spoken(players.of(channel.id)) for channel in channels))
    begins = [channel.line.times[0] for channel in channels]
    assert max(begins) - min(begins) < 0.2
    await players.aclose()


async def test_a_closed_player_takes_nothing_more(
    player: GuildPlayer, channel: FakeChannel, sayer: Sayer
) -> None:
    await player.aclose()
    with pytest.raises(UnavailableError, match="restarted"):
        player.enqueue(sayer.item("Hello"))
    with pytest.raises(UnavailableError, match="restarted"):
        await player.join(channel.as_channel)


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
