"""What the bot remembers, in a real NATS server: restarts, several replicas, an outage."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.state.book import Book
from bot.state.model import Ban, GuildSettings, MemberSettings
from bot.text.dictionary import MOST_OF_A_GUILD, Dictionary
from services.chassis.errors import UnavailableError
from tests.eventually import eventually
from tests.jetstream_links import linked
from tests.servers import NatsServer

GUILD, ADA = 1234567890123456789, 987654321987654321


@asynccontextmanager
async def a_replica(server: NatsServer, bucket: str) -> AsyncIterator[Book]:
    """Gives the book of a process of its own."""
    async with linked(server.url) as link, asyncio.TaskGroup() as tasks:
        book = Book(await link.key_value(bucket))
        running = tasks.create_task(book.run())
        async with asyncio.timeout(20):
            await book.ready()
        yield book
        running.cancel()


async def test_replicas_agree_on_what_was_chosen_and_on_what_was_undone(
    nats_server: NatsServer,
) -> None:
    async with (
        a_replica(nats_server, "bot_agreeing") as one,
        a_replica(nats_server, "bot_agreeing") as other,
    ):
        await one.change_guild(GUILD, lambda it: replace(it, voice_id="joe"))
        await other.ban(GUILD, ADA, Ban(reason="noise"))
        await eventually(lambda: other.guild(GUILD).voice_id == "joe")
        await eventually(lambda: one.ban_of(GUILD, ADA) == Ban(reason="noise"))
        await other.change_guild(GUILD, lambda _: GuildSettings())
        assert await one.unban(GUILD, ADA)
        await eventually(lambda: one.guild(GUILD) == GuildSettings())
        await eventually(lambda: other.ban_of(GUILD, ADA) is None)
        await one.ban(GUILD, ADA, Ban(reason="again"))
        await eventually(lambda: other.ban_of(GUILD, ADA) == Ban(reason="again"))


async def test_a_restarted_bot_knows_everything_before_it_is_ready(
    nats_server: NatsServer,
) -> None:
    async with a_replica(nats_server, "bot_restarted") as book:
        for guild_id in range(200):
            await book.change_guild(guild_id, lambda it: replace(it, speed=1.5))
        await book.forget_guild(7)
    async with a_replica(nats_server, "bot_restarted") as book:
        knows = [book.guild(guild_id).speed for guild_id in range(200)]
        assert knows == [1.0 if guild_id == 7 else 1.5 for guild_id in range(200)]


async def test_words_that_two_replicas_add_at_once_are_all_there(nats_server: NatsServer) -> None:
    async with (
        a_replica(nats_server, "bot_adding") as one,
        a_replica(nats_server, "bot_adding") as other,
    ):

        async def add(book: Book, word: str) -> None:
            await book.change_guild_dictionary(
                GUILD, lambda it: it.with_entry(word, "said", most=MOST_OF_A_GUILD)
            )

        words = {f"word{number}" for number in range(20)}
        pairs = zip([one, other] * 10, words, strict=True)
        await asyncio.gather(*(add(book, word) for book, word in pairs))
        await eventually(lambda: set(one.guild_dictionary(GUILD).entries) == words)
        await eventually(lambda: set(other.guild_dictionary(GUILD).entries) == words)


async def test_a_full_dictionary_of_the_longest_words_can_be_kept(nats_server: NatsServer) -> None:
    async with a_replica(nats_server, "bot_full") as book:
        full = Dictionary(
            {f"{number:03d}{'🎉' * 47}": "🎉" * 150 for number in range(MOST_OF_A_GUILD)}
        )
        assert await book.change_guild_dictionary(GUILD, lambda _: full) == full
    async with a_replica(nats_server, "bot_full") as book:
        assert book.guild_dictionary(GUILD) == full


async def test_who_is_forgotten_by_one_replica_is_so_by_all(nats_server: NatsServer) -> None:
    async with (
        a_replica(nats_server, "bot_forgetting") as one,
        a_replica(nats_server, "bot_forgetting") as other,
    ):
        await one.change_member(GUILD, ADA, lambda it: replace(it, voice_id="joe"))
        await eventually(lambda: other.member(GUILD, ADA).voice_id == "joe")
        assert await other.forget(ADA) == 1
        await eventually(lambda: one.member(GUILD, ADA) == MemberSettings())


async def test_while_nats_is_down_all_is_known_and_changes_are_refused_and_then_it_goes_on(
    own_nats_server: NatsServer,
) -> None:
    async with (
        a_replica(own_nats_server, "bot_outage") as one,
        a_replica(own_nats_server, "bot_outage") as other,
    ):
        await one.change_guild(GUILD, lambda it: replace(it, voice_id="joe"))
        await eventually(lambda: other.guild(GUILD).voice_id == "joe")
        own_nats_server.kill()
        assert one.guild(GUILD).voice_id == "joe"
        with pytest.raises(UnavailableError):
            await one.change_guild(GUILD, lambda it: replace(it, voice_id="lost"))
        assert one.guild(GUILD).voice_id == "joe"
        own_nats_server.start()

        async def changed() -> bool:
            try:
                await one.change_guild(GUILD, lambda it: replace(it, voice_id="ada"))
            except UnavailableError:
                return False
            return True

        await eventually(changed, within_seconds=30)
        await eventually(lambda: other.guild(GUILD).voice_id == "ada", within_seconds=30)
