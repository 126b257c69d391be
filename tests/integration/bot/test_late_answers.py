"""Answers that come when Discord takes them no more: nothing is lost in silence, nothing breaks."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.playback.stay import SENT_OUT
from tests.bot_cloning import AGREE, is_made, recording
from tests.bot_in_a_world import a_bot
from tests.discord_double.messages import File
from tests.discord_double.world import World
from tests.eventually import eventually
from tests.fakes.bot_speech import LONG, FakeSpeech

MINUTES_15 = 901.0


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("who", ["discord", "the clock"])
async def test_what_becomes_of_a_request_after_15_minutes_is_told_in_the_channel(
    world: World, tmp_path: Path, who: str
) -> None:
    async with a_bot(world, tmp_path, speech=FakeSpeech(pace=1.0)):
        town = world.guild
        await town.alice.join(town.lounge)
        before = await town.bob.say("!help")
        world.snowflakes.seconds_ago = MINUTES_15 if who == "the clock" else 0.0
        asked = await town.alice.slash("say", text=LONG)
        world.snowflakes.seconds_ago = 0.0
        await (await town.listener()).heard(frames=5)
        asked.is_over = True
        await town.bob.kick(town.bot)
        told = f"{town.alice.mention} {SENT_OUT}"
        await eventually(lambda: told in [message.content for message in before.answers])


async def test_a_question_that_ends_too_late_is_noted_and_leaves_nothing(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path, consent_seconds=0.5):
        alice = world.guild.alice
        file = File("me.wav", recording())
        with structlog.testing.capture_logs() as logs:
            asked = await alice.slash("clone file", name="Ada", file=file)
            await asked.answer()
            asked.is_over = True
            await eventually(lambda: [log for log in logs if log["event"] == "answer.too_late"])
            again = await alice.slash("clone file", name="Ada", file=file)
            assert "May I clone" in (await again.answer()).content
        assert not [log for log in logs if log["event"] == "command.failed"]


async def test_a_button_that_is_answered_too_late_has_its_effect(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        file = File("me.wav", recording())
        question = await (await alice.slash("clone file", name="Ada", file=file)).answer()
        world.interaction_seconds = 0.0
        await alice.press(question, AGREE)
        await question.until(is_made)
