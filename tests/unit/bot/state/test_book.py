"""The book of what the bot remembers, over a bucket in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.state.book import Book
from bot.state.model import Ban, GuildSettings, MemberSettings
from bot.text.dictionary import MOST_OF_A_PERSON, Dictionary
from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    OverloadedError,
    UnavailableError,
)
from services.chassis.key_value import Entry
from tests.eventually import eventually
from tests.fakes.key_value import InMemoryKeyValue

GUILD, OTHER_GUILD = 10, 100
ADA, BOB = 1, 11


@asynccontextmanager
async def a_book(bucket: InMemoryKeyValue) -> AsyncIterator[Book]:
    book = Book(bucket, retry_seconds=0.0)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(book.run())
        await book.ready()
        yield book
        running.cancel()


async def test_who_chose_nothing_has_the_defaults() -> None:
    async with a_book(InMemoryKeyValue()) as book:
        assert book.guild(GUILD) == GuildSettings()
        assert book.member(GUILD, ADA) == MemberSettings()
        assert book.guild_dictionary(GUILD) == book.own_dictionary(ADA) == Dictionary()
        assert book.ban_of(GUILD, ADA) is None


async def test_what_was_changed_is_there_at_once() -> None:
    async with a_book(InMemoryKeyValue()) as book:
        changed = await book.change_guild(GUILD, lambda it: replace(it, speed=1.5))
        assert changed == book.guild(GUILD) == GuildSettings(speed=1.5)
        assert book.guild(OTHER_GUILD) == GuildSettings()
        await book.change_member(GUILD, ADA, lambda it: replace(it, voice_id="joe"))
        assert book.member(GUILD, ADA).voice_id == "joe"
        assert book.member(GUILD, BOB).voice_id == book.member(OTHER_GUILD, ADA).voice_id == ""


async def test_a_new_process_knows_what_was_chosen_before_it_is_ready() -> None:
    bucket = InMemoryKeyValue()
    async with a_book(bucket) as book:
        await book.change_guild(GUILD, lambda it: replace(it, voice_id="joe"))
        await book.ban(GUILD, ADA, Ban(reason="noise"))
    async with a_book(bucket) as book:
        assert book.guild(GUILD).voice_id == "joe"
        assert book.ban_of(GUILD, ADA) == Ban(reason="noise")


async def test_replicas_agree() -> None:
    bucket = InMemoryKeyValue()
    async with a_book(bucket) as one, a_book(bucket) as other:
        await one.change_guild(GUILD, lambda it: replace(it, voice_id="joe"))
        await eventually(lambda: other.guild(GUILD).voice_id == "joe")
        await other.change_guild(GUILD, lambda it: replace(it, voice_id=""))
        await eventually(lambda: one.guild(GUILD) == GuildSettings())


async def test_changes_at_the_same_time_all_count() -> None:
    bucket = InMemoryKeyValue()
    async with a_book(bucket) as one, a_book(bucket) as other:

        async def add(book: Book, word: str) -> None:
            await book.change_own_dictionary(
                ADA, lambda it: it.with_entry(word, "x", most=MOST_OF_A_PERSON)
            )

        words = {f"word{number}" for number in range(20)}
        pairs = zip([one, other] * 10, words, strict=True)
        await asyncio.gather(*(add(book, word) for book, word in pairs))
        await eventually(lambda: set(one.own_dictionary(ADA).entries) == words)
        await eventually(lambda: set(other.own_dictionary(ADA).entries) == words)


async def test_what_a_change_refuses_changes_nothing() -> None:
    async with a_book(InMemoryKeyValue()) as book:
        with pytest.raises(InvalidInputError):
            await book.change_own_dictionary(ADA, lambda it: it.with_entry("", "x", most=1))
        assert book.own_dictionary(ADA) == Dictionary()


async def test_a_key_that_others_change_all_the_time_is_given_up_in_words() -> None:
    class Contended(InMemoryKeyValue):
        async def create(self, key: str, value: bytes) -> int:
            if key.startswith("guild"):
                raise ConflictError("somebody else was quicker")
            return await super().create(key, value)

    async with a_book(Contended()) as book:
        with pytest.raises(OverloadedError, match="try again"):
            await book.change_guild(GUILD, lambda it: replace(it, speed=1.5))
        assert book.guild(GUILD) == GuildSettings()


async def test_a_bucket_that_does_not_answer_at_first_is_waited_for() -> None:
    class Rising(InMemoryKeyValue):
        refusals = 3

        async def get(self, key: str) -> Entry | None:
            if self.refusals:
                self.refusals -= 1
                raise UnavailableError("NATS has no leader yet")
            return await super().get(key)

    bucket = Rising()
    await bucket.create(f"guild.{GUILD}.settings", b'{"speed":2.0}')
    async with a_book(bucket) as book:
        assert book.guild(GUILD).speed == 2.0


async def test_choices_that_are_the_defaults_take_no_room() -> None:
    bucket = InMemoryKeyValue()
    async with a_book(bucket) as book:
        before = await bucket.keys()
        await book.change_guild(GUILD, lambda it: it)
        await book.change_member(GUILD, ADA, lambda it: replace(it, speed=2.0))
        await book.change_member(GUILD, ADA, lambda it: replace(it, speed=0.0))
        assert await bucket.keys() == before


async def test_bans_are_listed_by_guild_and_end() -> None:
    async with a_book(InMemoryKeyValue()) as book:
        await book.ban(GUILD, ADA, Ban(reason="noise"))
        await book.ban(OTHER_GUILD, BOB, Ban())
        assert book.bans(GUILD) == {ADA: Ban(reason="noise")}
        assert await book.unban(GUILD, ADA)
        assert not await book.unban(GUILD, ADA)
        assert book.ban_of(GUILD, ADA) is None
        assert book.bans(GUILD) == {}


async def test_a_person_is_forgotten_in_all_guilds_and_nobody_else_is() -> None:
    bucket = InMemoryKeyValue()
    async with a_book(bucket) as book:
        for guild_id in (GUILD, OTHER_GUILD):
            for user_id in (ADA, BOB):
                await book.change_member(guild_id, user_id, lambda it: replace(it, speed=2.0))
        await book.change_own_dictionary(ADA, lambda it: it.with_entry("a", "b", most=5))
        await book.change_own_dictionary(BOB, lambda it: it.with_entry("a", "b", most=5))
        assert await book.forget(ADA) == 3
        assert book.member(GUILD, ADA) == book.member(OTHER_GUILD, ADA) == MemberSettings()
        assert book.own_dictionary(ADA) == Dictionary()
        assert book.member(GUILD, BOB) == MemberSettings(speed=2.0)
        assert book.own_dictionary(BOB) != Dictionary()
        assert not [key for key in await bucket.keys() if str(ADA) in key.split(".")]
        assert await book.forget(ADA) == 0


async def test_who_is_forgotten_stays_banned_and_is_no_more_named_as_having_banned() -> None:
    async with a_book(InMemoryKeyValue()) as book:
        await book.ban(GUILD, ADA, Ban(reason="noise", banned_by_id=BOB))
        await book.forget(ADA)
        await book.forget(BOB)
        assert book.ban_of(GUILD, ADA) == Ban(reason="noise", banned_by_id=0)


async def test_a_guild_that_was_left_is_forgotten_with_its_members() -> None:
    async with a_book(InMemoryKeyValue()) as book:
        await book.change_guild(GUILD, lambda it: replace(it, speed=2.0))
        await book.change_member(GUILD, ADA, lambda it: replace(it, speed=2.0))
        await book.ban(GUILD, BOB, Ban())
        await book.change_guild(OTHER_GUILD, lambda it: replace(it, speed=2.0))
        assert await book.forget_guild(GUILD) == 3
        assert book.guild(GUILD) == GuildSettings()
        assert book.bans(GUILD) == {}
        assert book.guild(OTHER_GUILD) == GuildSettings(speed=2.0)


async def test_fields_of_a_newer_release_stay_until_they_are_forgotten() -> None:
    bucket = InMemoryKeyValue()
    key = f"guild.{GUILD}.member.{ADA}"
    await bucket.create(key, b'{"whispers":true}')
    await bucket.create(f"guild.{GUILD}.moods", b"of a newer release, too")
    async with a_book(bucket) as book:
        await book.change_member(GUILD, ADA, lambda it: replace(it, speed=2.0))
        await book.change_member(GUILD, ADA, lambda it: replace(it, speed=0.0))
        assert bucket.entries[key].value == b'{"whispers":true}'
        await book.forget(ADA)
        assert key not in bucket.entries


async def test_a_value_that_cannot_be_read_counts_as_none_and_can_be_changed() -> None:
    bucket = InMemoryKeyValue()
    await bucket.create(f"guild.{GUILD}.settings", b"\xff not json")
    async with a_book(bucket) as book:
        assert book.guild(GUILD) == GuildSettings()
        await book.change_guild(GUILD, lambda it: replace(it, speed=2.0))
        assert book.guild(GUILD) == GuildSettings(speed=2.0)
