"""A guild's player without Discord; with a real thread that sends."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from bot.playback.guild_player import GuildPlayer
from bot.playback.patience import VoicePatience
from bot.playback.players import Players
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
