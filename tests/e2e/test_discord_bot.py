"""`tts-trainer discord-bot` runs all that a bot needs, says how it is, and leaves nothing."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.discord_double.listener import Listener
from tests.discord_double.people import Person
from tests.discord_double.world import TOKEN, a_world
from tests.e2e.command import PROGRAM, environment
from tests.e2e.discord_command import a_command
from tests.e2e.processes import kill, processes_of
from tests.e2e.stack import RunningStack
from tests.eventually import eventually

SECRET = "very-secret"  # noqa: S105 - of a Discord that lives for one test

pytestmark = pytest.mark.timeout(120)


async def heard_again(person: Person, listener: Listener) -> bool:
    """Has something said once more: what is said while inference starts may be given up."""
    asked = await person.say("!say Here I am again.")
    heard = asyncio.create_task(listener.heard(frames=25, within_seconds=60))
    refused = asyncio.create_task(asked.answer(within_seconds=60))
    done, late = await asyncio.wait([heard, refused], return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return heard in done and heard.exception() is None


async def test_it_starts_all_that_it_needs_speaks_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    async with (
        a_world() as world,
        a_command(home, world, settings={"DISCORD_TOKEN": TOKEN}) as command,
    ):
        await command.says("Ctrl-C ends it.")
        assert "in 1 server. Invite it: https://discord.com/oauth2/authorize?client" in command.said
        town = world.guild
        await town.alice.join(town.lounge)
        await town.alice.say("!say The way from a text to a voice is short.")
        listener = await town.listener()
        await listener.heard(frames=25)

        running = processes_of(home)
        started = " ".join(running.values())
        for name in ("nats-server", "services.inference", "services.dataset"):
            assert name in started
        assert "services.pipeline" not in started
        assert [TOKEN in line.split() for line in running.values()].count(True) == 0
        command.process.send_signal(signal.SIGINT)
        assert await command.exit_code() == 0
        assert "Traceback" not in command.said
    assert processes_of(home) == {}


async def test_when_inference_dies_in_a_sentence_people_are_told_and_later_heard_again(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    async with (
        a_world() as world,
        a_command(home, world, settings={"DISCORD_TOKEN": TOKEN}) as command,
    ):
        await command.says("Ctrl-C ends it.")
        town = world.guild
        await town.alice.join(town.lounge)
        asked = await town.alice.say("!say " + "This is one of the many sentences of a text. " * 10)
        listener = await town.listener()
        await listener.heard(frames=25)
        await asyncio.to_thread(kill, home, "inference")
        explained = await asked.answer(within_seconds=30)
        assert "broke off" in explained.text
        await listener.quiet(0.5)

        listener.mark()
        await eventually(lambda: heard_again(town.alice, listener), within_seconds=70)
        assert (await town.listener()) is listener, "it never left the channel"
        command.process.send_signal(signal.SIGINT)
        assert await command.exit_code() == 0
    assert processes_of(home) == {}


async def test_with_a_server_it_runs_only_the_bot_and_what_the_bot_remembers(
    stack: RunningStack, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = {
        "DISCORD_TOKEN": TOKEN,
        "TTSTRAINER_INFERENCE_ADDRESS": stack.address("inference"),
        "TTSTRAINER_DATASET_ADDRESS": stack.address("dataset"),
    }
    async with (
        a_world() as world,
        a_command(home, world, "localhost", settings=settings) as command,
    ):
        await command.says("Ctrl-C ends it.")
        asked = await world.guild.alice.say("!voices")
        assert "joe" in (await asked.answer()).text
        assert "services." not in " ".join(processes_of(home).values()).replace(
            "services.chassis", ""
        )
        command.process.send_signal(signal.SIGTERM)
        assert await command.exit_code() == 0
    assert processes_of(home) == {}


async def test_it_uses_the_stack_that_another_command_runs_and_is_the_only_bot_there(
    stack: RunningStack, tmp_path: Path
) -> None:
    settings = {"DISCORD_TOKEN": TOKEN}
    async with (
        a_world() as world,
        a_command(stack.home, world, settings=settings, log=tmp_path / "a.log") as first,
    ):
        await first.says("Ctrl-C ends it.")
        async with a_command(
            stack.home, world, settings=settings, log=tmp_path / "b.log"
        ) as second:
            assert await second.exit_code() == 1
            assert "Another command runs the Discord bot already" in second.said
        first.process.send_signal(signal.SIGINT)
        assert await first.exit_code() == 0


async def test_a_token_that_discord_does_not_know_is_said_in_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with (
        a_world() as world,
        a_command(home, world, settings={"DISCORD_TOKEN": SECRET}) as command,
    ):
        assert await command.exit_code() == 1
        last = command.said.splitlines()[-1]
        assert last.startswith("Error: Discord does not accept the token")
        assert SECRET not in command.said
        for log in (home / "logs").iterdir():
            assert SECRET not in log.read_text()
    assert processes_of(home) == {}


async def test_without_a_token_it_says_where_they_are(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "discord-bot"),
        env=environment(tmp_path) | {"DISCORD_TOKEN": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 2
    assert b"https://discord.com/developers/applications" in said
    assert said.count(b"\n") == 1
