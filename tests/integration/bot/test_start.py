"""The bot as a process: how it starts, refuses to start, remembers and ends."""

import signal
from pathlib import Path

import aiohttp
import pytest

from bot.connecting import stay_connected
from bot.speaking_bot import SpeakingBot
from bot.state.book import Book
from services.chassis.beside import running_beside
from services.chassis.errors import ConflictError, InvalidInputError, ServiceError, UnavailableError
from tests.bot_process import bot_process
from tests.discord_double.doors import connector
from tests.discord_double.world import TOKEN, World, a_world
from tests.eventually import eventually
from tests.fakes.key_value import InMemoryKeyValue
from tests.servers import NatsServer, free_port

NATS = "TTSTRAINER_NATS_URL"


async def refusal(reach: aiohttp.BaseConnector, token: str = TOKEN) -> ServiceError:
    """Returns what a bot ends with that reaches Discord so."""
    book = Book(InMemoryKeyValue())
    bot = SpeakingBot(book, reach)
    async with running_beside(book.run()), bot:
        with pytest.raises(ServiceError) as caught:
            await stay_connected(bot, book, token)
    return caught.value


async def test_a_wrong_token_is_said_to_be_wrong() -> None:
    async with a_world() as world:
        error = await refusal(world.connector(), "another")
    assert isinstance(error, InvalidInputError)
    assert "does not accept the token" in error.message
    assert "discord.com/developers" in error.message
    assert "another" not in error.message


async def test_without_the_intent_it_is_said_where_to_switch_it_on() -> None:
    async with a_world(message_content=False) as world:
        error = await refusal(world.connector())
    assert isinstance(error, ConflictError)
    assert "Message Content Intent" in error.message
    assert "discord.com/developers" in error.message


async def test_where_discord_is_not_there_it_is_said() -> None:
    async with a_world() as world:
        pem = world.authority_pem
    error = await refusal(connector(free_port(), pem))
    assert isinstance(error, UnavailableError)
    assert "cannot be reached" in error.message


async def test_without_a_token_it_ends_with_one_line_that_says_where_they_are(
    tmp_path: Path,
) -> None:
    changed = {"DISCORD_TOKEN": "", NATS: "nats://127.0.0.1:4222"}
    async with bot_process(tmp_path, None, changed) as bot:
        assert await bot.exit_code() == 2
        (line,) = bot.said.splitlines()
    assert line.startswith("bot: DISCORD_TOKEN is not set")
    assert "https://discord.com/developers/applications" in line


async def test_without_nats_it_ends_with_one_line(tmp_path: Path) -> None:
    async with bot_process(tmp_path, None) as bot:
        assert await bot.exit_code() == 2
        (line,) = bot.said.splitlines()
    assert "TTSTRAINER_NATS_URL) is not set" in line


async def test_a_wrong_token_ends_the_process_with_one_clear_line(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    changed = {NATS: nats_server.url, "DISCORD_TOKEN": "very-secret"}
    async with a_world() as world, bot_process(tmp_path, world, changed) as bot:
        assert await bot.exit_code() == 1
        last = bot.said.splitlines()[-1]
        assert last.startswith("bot: Discord does not accept the token")
        assert "very-secret" not in bot.said
        assert "Traceback" not in bot.said


async def test_the_invitation_is_told_and_sigterm_ends_it_clean(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    async with (
        a_world() as world,
        bot_process(tmp_path, world, {NATS: nats_server.url}) as bot,
    ):
        invitation = (await bot.ready())["invitation"]
        assert invitation.startswith("https://discord.com/oauth2/authorize?client_id=")
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.exit_code() == 0
        assert bot.line("service.stopped")
        assert "Traceback" not in bot.said


async def told(world: World, command: str) -> str:
    """Returns what the bot answers to alice."""
    asked = await world.guild.alice.say(command)
    return (await asked.answer()).content


async def test_a_bot_that_was_killed_remembers_and_shares_what_was_chosen(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    async with a_world() as world:
        async with bot_process(tmp_path, world, {NATS: nats_server.url}) as bot:
            await bot.ready()
            assert "is now" in await told(world, "!speed 1.5")
            assert "is now" in await told(world, "!settings set max_characters 77")
            bot.process.kill()
            await bot.exit_code()
        async with bot_process(tmp_path, world, {NATS: nats_server.url}) as bot:
            await bot.ready()
            assert (await told(world, "!speed")).startswith("Your pace is 1.5")
            shown = await world.guild.alice.slash("settings show")
            assert "`max_characters` **77 characters**" in (await shown.answer()).text


async def test_an_outage_of_discord_is_waited_out(tmp_path: Path, nats_server: NatsServer) -> None:
    async with (
        a_world() as world,
        bot_process(tmp_path, world, {NATS: nats_server.url}) as bot,
    ):
        await bot.ready()
        for _ in range(2):
            await world.gateway.invalidate(resumable=False)
            await eventually(lambda: world.gateway.session, within_seconds=20)
        assert "nothing waits" in await told(world, "!queue")
        assert bot.process.returncode is None


async def test_while_nats_is_away_the_bot_speaks_on_and_says_what_it_cannot_keep(
    tmp_path: Path, own_nats_server: NatsServer
) -> None:
    async with (
        a_world() as world,
        bot_process(tmp_path, world, {NATS: own_nats_server.url}) as bot,
    ):
        await bot.ready()
        assert "is now" in await told(world, "!speed 1.5")
        own_nats_server.kill()
        assert (await told(world, "!speed")).startswith("Your pace is 1.5")
        slow = await world.guild.alice.slash("speed", pace="1.2")
        answer = await slow.answer(within_seconds=30)
        assert "does not answer right now" in answer.content
        own_nats_server.start()

        async def is_kept() -> bool:
            return "is now 1.1" in await told(world, "!speed 1.1")

        await eventually(is_kept, within_seconds=40, every_seconds=1)
        assert bot.process.returncode is None
