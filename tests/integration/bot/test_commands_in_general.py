"""What holds for every command: how it is explained, where it is refused, what its errors say."""

import asyncio
from pathlib import Path

import pytest
import structlog
from discord import app_commands
from discord.ext import commands
from prometheus_client import REGISTRY

from bot.commanding import command
from bot.refusing import SORRY
from bot.request import Request
from bot.speaking_bot import MOST_COMMANDS
from tests.bot_in_a_world import a_bot
from tests.discord_double.world import World
from tests.eventually import eventually

WHISPERED = "what alice whispered"


class Broken(commands.Cog, name="Broken"):
    """A command with a bug."""

    @command("break")
    async def break_(self, ctx: Request, *, text: str) -> None:
        """Breaks."""
        await asyncio.sleep(0)
        raise ValueError(text)


def counted(command: str, outcome: str) -> float:
    labels = {"command": command, "outcome": outcome}
    return REGISTRY.get_sample_value("ttstrainer_bot_commands_total", labels) or 0.0


def written(world: World) -> list[str]:
    """Returns what the bot wrote into channels."""
    requests = [it for it in world.requests if it.path.endswith("/messages")]
    return [request.body["content"] for request in requests]


async def test_every_command_is_declared_and_says_what_it_and_its_options_are_for(
    world: World,
    tmp_path: Path,
) -> None:
    async with a_bot(world, tmp_path) as here:
        declared = {each["name"] for each in world.commands[None]}
        assert declared == {each.name for each in here.bot.commands}
        for each in here.bot.walk_commands():
            assert each.help, each.qualified_name
            assert each.cog_name, each.qualified_name
        for slashed in here.bot.tree.walk_commands():
            assert 3 < len(slashed.description) <= 100, slashed.qualified_name
            if isinstance(slashed, app_commands.Command):
                for option in slashed.parameters:
                    assert 3 < len(str(option.description)) <= 100, (slashed.name, option.name)


async def test_help_lists_all_and_explains_each(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path) as here:
        alice = world.guild.alice
        listed = await (await alice.say("!help")).answer()
        for each in here.bot.walk_commands():
            assert f"`{each.qualified_name}` {each.short_doc}" in listed.text
        assert len(listed.text) <= 6000
        for field in listed.embeds[0]["fields"]:
            assert len(field["value"]) <= 1024  # more, Discord refuses
        explained = await (await alice.slash("help", command="clone")).answer()
        assert "!clone" in explained.text
        assert "10 to 30 seconds of your voice" in explained.text
        assert "`clone live`" in explained.text
        unknown = await (await alice.say("!help dance")).answer()
        assert "no such command" in unknown.content
        assert await alice.complete("help", "command", "dictionary a") == [
            "dictionary add",
            "dictionary add-for-all",
        ]


async def test_stats_show_how_the_bot_is_doing(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        answer = await (await world.guild.alice.slash("stats")).answer()
        assert answer.is_ephemeral
        assert "Servers\n1" in answer.text
        assert "Messages spoken" in answer.text


async def test_the_bot_can_be_mentioned_instead_of_prefixed(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        asked = await world.guild.alice.say(f"<@{world.bot.id}> QUEUE")
        assert "nothing waits" in (await asked.answer()).content


async def test_a_command_of_another_bot_is_left_to_it(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        foreign = await alice.say("!play a song")
        await (await alice.say("!queue")).answer()
        assert all(answer.reply_to is not foreign for answer in foreign.answers)


async def test_in_private_it_says_that_it_needs_a_server(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        asked = await alice.write("!say hello")
        assert "only do that in a server" in (await asked.answer()).content
        asked = await alice.write("!help")
        assert "What I can do" in (await asked.answer()).text


async def test_a_missing_option_is_named(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        asked = await world.guild.alice.say("!say")
        assert "`text`" in (await asked.answer()).content


@pytest.mark.parametrize("way", ["written", "slashed"])
async def test_a_bug_is_noted_without_what_was_written_and_answered_kindly(
    world: World, tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_bot(world, tmp_path) as here:
        await here.bot.add_cog(Broken())
        await here.bot.tree.sync()
        alice, failed = world.guild.alice, counted("break", "failed")
        with structlog.testing.capture_logs() as logs:
            if way == "written":
                asked = await alice.say(f"!break {WHISPERED}")
                answer = await asked.answer()
            else:
                answer = await (await alice.slash("break", text=WHISPERED)).answer()
        assert answer.content == SORRY
        (noted,) = [log for log in logs if log["event"] == "command.failed"]
        assert noted["kind"] == "ValueError"
        assert noted["command"] == "break"
        assert any("break_" in place for place in noted["where"])
        assert WHISPERED not in str(logs)
        assert counted("break", "failed") == failed + 1
    captured = capsys.readouterr()
    assert WHISPERED not in captured.out + captured.err


async def test_a_flood_of_commands_is_not_answered_with_a_flood(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path):
        town = world.guild
        for _ in range(200):
            await town.alice.say("!queue")
        answer = await (await town.bob.slash("queue")).answer()
        assert "nothing waits" in answer.content
        await eventually(lambda: len(written(world)) == MOST_COMMANDS + 1)
        assert sum("That was fast" in answer for answer in written(world)) == 1


@pytest.mark.parametrize("text", ["!say", "!say hello", "!say ||"])
async def test_what_cannot_be_said_is_not_answered_for_ever(
    world: World, tmp_path: Path, text: str
) -> None:
    async with a_bot(world, tmp_path):
        town, refused = world.guild, counted("say", "refused")
        for _ in range(60):
            await town.alice.say(text)
        await eventually(lambda: counted("say", "refused") == refused + 60)
        await town.bob.say("!queue")
        await eventually(lambda: "nothing waits" in str(written(world)))
        assert 1 < len(written(world)) <= MOST_COMMANDS + 2


async def test_commands_are_counted_by_how_they_end(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        done, refused = counted("queue", "done"), counted("skip", "refused")
        await (await alice.slash("queue")).answer()
        await (await alice.say("!skip")).answer()
        await eventually(lambda: counted("queue", "done") == done + 1)
        assert counted("skip", "refused") == refused + 1


async def test_what_discord_holds_back_or_drops_once_is_answered_later(
    world: World, tmp_path: Path
) -> None:
    async with a_bot(world, tmp_path):
        messages = ("POST", "/channels/*/messages")
        world.faults.rate_limit(*messages, times=2, retry_after_seconds=0.05)
        world.faults.rate_limit(*messages, retry_after_seconds=0.05, everywhere=True)
        world.faults.fail(*messages, status=502)
        asked = await world.guild.alice.say("!queue")
        assert "Nothing" in (await asked.answer()).text
        sent = [one.status for one in world.requests if one.path.endswith("/messages")]
        assert sent == [429, 429, 429, 502, 200]


async def test_an_answer_that_discord_forbids_ends_nothing(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        world.faults.forbid("POST", "/channels/*/messages")
        await alice.say("!queue")
        await alice.say("!skip")
        answer = await (await alice.slash("queue")).answer()
        assert "nothing waits" in answer.content


async def test_where_discord_takes_no_slash_commands_written_ones_work(
    world: World, tmp_path: Path
) -> None:
    world.faults.forbid("PUT", "/applications/*/commands")
    async with a_bot(world, tmp_path):
        asked = await world.guild.alice.say("!queue")
        assert "nothing waits" in (await asked.answer()).content


async def test_nobody_is_pinged_by_what_others_write(world: World, tmp_path: Path) -> None:
    async with a_bot(world, tmp_path):
        alice = world.guild.alice
        await (await alice.say("!dictionary add @everyone you all")).answer()
        sent = [r for r in world.requests if r.method == "POST" and "/messages" in r.path]
        assert sent[-1].body["allowed_mentions"]["parse"] == []


async def test_the_gateway_is_measured_while_it_is_there(world: World, tmp_path: Path) -> None:
    def connected() -> float | None:
        return REGISTRY.get_sample_value("ttstrainer_bot_gateway_connected")

    async with a_bot(world, tmp_path) as here:
        await eventually(lambda: connected() == 1)
        assert REGISTRY.get_sample_value("ttstrainer_bot_guilds") == 1
        await world.gateway.drop()
        await eventually(lambda: world.gateway.resumes == 1)
        await eventually(lambda: connected() == 1)
        asked = await world.guild.alice.say("!queue")
        assert "nothing waits" in (await asked.answer()).content
        assert not here.bot.is_closed()
    assert connected() == 0
