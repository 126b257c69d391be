"""A guild's player in trouble: what people are told, and how it goes on."""

import asyncio
from dataclasses import replace
from typing import cast

import structlog

from bot.metrics import ITEMS
from bot.playback.delivery import UNEXPECTED
from bot.playback.guild_player import GuildPlayer
from services.chassis.errors import ServiceError, UnavailableError
from tests.eventually import eventually
from tests.fakes.bot_channel import FakeChannel, Sayer, spoken
from tests.fakes.bot_speech import FakeSpeech


def outcomes(outcome: str) -> float:
    return ITEMS.labels(outcome)._value.get()  # type: ignore[no-any-return]


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


async def test_a_report_that_never_ends_holds_nothing_up(player: GuildPlayer, sayer: Sayer) -> None:
    async def forever(_: str) -> None:
        await asyncio.Event().wait()

    player.enqueue(replace(sayer.item("Fail"), report=forever))
    player.enqueue(sayer.item("Hello", user_id=3))
    await spoken(player)


async def test_a_bug_is_told_kindly_and_noted_without_its_words(
    player: GuildPlayer, speech: FakeSpeech, sayer: Sayer
) -> None:
    speech.error = cast("ServiceError", ValueError("cannot say: a secret"))
    with structlog.testing.capture_logs() as logs:
        player.enqueue(sayer.item("a secret"))
        await eventually(lambda: sayer.told == {2: [UNEXPECTED]})
    (noted,) = [log for log in logs if log["event"] == "speech.failed"]
    assert noted["kind"] == "ValueError"
    assert "exc_info" not in noted, "a traceback ends with what the error says"
