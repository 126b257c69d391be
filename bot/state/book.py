"""All that the bot remembers, in memory to be read at once, in a bucket to be kept and shared."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

import structlog

from bot.state import keys
from bot.state.codec import BANS, DICTIONARIES, GUILDS, MEMBERS, Codec
from bot.state.kinds.kind import UnreadableValueError
from bot.state.model import Ban, GuildSettings, MemberSettings
from bot.text.dictionary import Dictionary
from services.chassis.errors import ConflictError, OverloadedError, UnavailableError
from services.chassis.key_value import Entry, KeyValue

TRIES: Final = 40
"""How often a change is made anew on what another replica wrote meanwhile."""
PAUSE_SECONDS: Final = 0.05
"""The longest pause before it is."""
RETRY_SECONDS: Final = 1.0
"""The pause before a bucket that does not answer is read again, at the start."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a key held at a revision; None for nothing."""

    revision: int
    value: Any


class Book:
    """Settings, dictionaries and bans. What is asked is answered from memory, NATS down or up.

    Changes raise UnavailableError when NATS does not answer, and OverloadedError when others
    change the same thing all the time. `change` is called with what is there and returns what is
    to be; it may be called again, on what somebody else wrote meanwhile, and what it raises goes
    to the caller.
    """

    def __init__(self, bucket: KeyValue, *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Keeps everything in `bucket`; empty until `run` has read it."""
        self._bucket = bucket
        self._retry_seconds = retry_seconds
        self._held: dict[str, _Held] = {}
        self._is_read = asyncio.Event()

    async def run(self) -> None:
        """Reads what is there and follows all changes, for ever."""
        mark = await self._marked()
        async with aclosing(cast("Any", self._bucket.watch())) as changes:
            async for entry in changes:
                self._take(entry)
                # Entries come in the order of their revisions.
                if entry.revision >= mark and not self._is_read.is_set():
                    log.info("bot_state.read", key_count=len(self._held))
                    self._is_read.set()

    async def ready(self) -> None:
        """Waits until `run` has read what was there."""
        await self._is_read.wait()

    def guild(self, guild_id: int) -> GuildSettings:
        """Returns what a guild has chosen."""
        return self._read(keys.settings(guild_id), GUILDS)

    def member(self, guild_id: int, user_id: int) -> MemberSettings:
        """Returns what a member of a guild has chosen."""
        return self._read(keys.member(guild_id, user_id), MEMBERS)

    def guild_dictionary(self, guild_id: int) -> Dictionary:
        """Returns how a guild wants words to be spoken."""
        return self._read(keys.guild_dictionary(guild_id), DICTIONARIES)

    def own_dictionary(self, user_id: int) -> Dictionary:
        """Returns how a person wants words to be spoken, in all guilds."""
        return self._read(keys.own_dictionary(user_id), DICTIONARIES)

    def ban_of(self, guild_id: int, user_id: int) -> Ban | None:
        """Returns the ban of a person in a guild, if there is one."""
        return self._read(keys.ban(guild_id, user_id), BANS)

    def bans(self, guild_id: int) -> Mapping[int, Ban]:
        """Returns all bans of a guild by the person's id."""
        prefix = keys.bans(guild_id)
        return {
            int(key.removeprefix(prefix)): held.value
            for key, held in self._held.items()
            if key.startswith(prefix) and held.value is not None
        }

    async def change_guild(
        self, guild_id: int, change: Callable[[GuildSettings], GuildSettings]
    ) -> GuildSettings:
        """Changes what a guild has chosen, and returns it."""
        return await self._change(keys.settings(guild_id), GUILDS, change)

    async def change_member(
        self, guild_id: int, user_id: int, change: Callable[[MemberSettings], MemberSettings]
    ) -> MemberSettings:
        """Changes what a member of a guild has chosen, and returns it."""
        return await self._change(keys.member(guild_id, user_id), MEMBERS, change)

    async def change_guild_dictionary(
        self, guild_id: int, change: Callable[[Dictionary], Dictionary]
    ) -> Dictionary:
        """Changes how a guild wants words to be spoken, and returns it."""
        return await self._change(keys.guild_dictionary(guild_id), DICTIONARIES, change)

    async def change_own_dictionary(
        self, user_id: int, change: Callable[[Dictionary], Dictionary]
    ) -> Dictionary:
        """Changes how a person wants words to be spoken, and returns it."""
        return await self._change(keys.own_dictionary(user_id), DICTIONARIES, change)

    async def ban(self, guild_id: int, user_id: int, ban: Ban) -> None:
        """Bans a person; who is banned already is so with the new reason."""
        await self._change(keys.ban(guild_id, user_id), BANS, lambda _: ban)

    async def unban(self, guild_id: int, user_id: int) -> bool:
        """Ends a ban, and says whether there was one."""
        return await self._erase(keys.ban(guild_id, user_id))

    async def forget(self, user_id: int) -> int:
        """Removes what a person has chosen, in all guilds; returns how many things that were.

        Bans of the person stay, as nobody could ban anybody otherwise; those by the person lose
        the name.
        """
        # All of the bucket is not listed: that takes seconds where many have chosen something.
        found = {key for key in self._held if keys.is_about(key, user_id)}
        found.update(await self._bucket.keys(keys.of_person(user_id)))
        removed = [await self._erase(key) for key in sorted(found)]
        for key, held in list(self._held.items()):
            if isinstance(held.value, Ban) and held.value.banned_by_id == user_id:
                await self._change(key, BANS, lambda it: it and replace(it, banned_by_id=0))
        return sum(removed)

    async def forget_guild(self, guild_id: int) -> int:
        """Removes all of a guild that the bot has left; returns how many things that were."""
        found = await self._bucket.keys(keys.of_guild(guild_id))
        return sum([await self._erase(key) for key in found])

    async def _marked(self) -> int:
        """Returns a revision of now: what was there is read when a later one is seen."""
        while True:
            try:
                return await self._written(keys.READ, _counted_up)
            except UnavailableError:
                log.warning("bot_state.unavailable", retry_seconds=self._retry_seconds)
                await asyncio.sleep(self._retry_seconds)

    def _read(self, key: str, codec: Codec[T]) -> T:
        held = self._held.get(key)
        return codec.default if held is None or held.value is None else cast("T", held.value)

    def _take(self, entry: Entry) -> None:
        """Remembers what a key holds now, unless something newer is known."""
        held = self._held.get(entry.key)
        if held and held.revision >= entry.revision:
            return
        if entry.deleted:
            self._held.pop(entry.key, None)
        elif codec := keys.codec_of(entry.key):
            self._held[entry.key] = _Held(entry.revision, _decoded(entry, codec))

    async def _change(self, key: str, codec: Codec[T], change: Callable[[T], T]) -> T:
        changed = codec.default

        def encoded(found: Entry | None) -> bytes:
            nonlocal changed
            changed = change(_decoded(found, codec) if found else codec.default)
            return codec.encode(changed, found.value if found else b"")

        await self._written(key, encoded)
        return changed

    async def _erase(self, key: str) -> bool:
        """Removes all that is under `key`, fields of newer releases too; says if there was any."""
        was_there = False

        def nothing(found: Entry | None) -> bytes:
            nonlocal was_there
            was_there = found is not None
            return b""

        await self._written(key, nothing)
        return was_there

    async def _written(self, key: str, change: Callable[[Entry | None], bytes]) -> int:
        """Puts what `change` makes of an entry in its place; nothing where that is b"".

        Returns the revision that it has now.
        """
        for _ in range(TRIES):
            found = await self._bucket.get(key)
            value = change(found)
            try:
                return await self._replaced(key, found, value)
            except ConflictError:
                await asyncio.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - no secret
        message = "Others change this at the same time: try again in a moment."
        raise OverloadedError(message, reason="CHANGED_TOO_OFTEN", retry_after_seconds=1.0)

    async def _replaced(self, key: str, found: Entry | None, value: bytes) -> int:
        """Replaces what was found, and remembers it before the watch tells."""
        revision = found.revision if found else 0
        if not value:
            if found:
                await self._bucket.delete(key, revision)
                held = self._held.get(key)
                if held and held.revision <= revision:  # the watch has not told of it yet
                    self._held[key] = _Held(revision, None)
            return revision
        if found is None:
            revision = await self._bucket.create(key, value)
        elif found.value != value:
            revision = await self._bucket.update(key, value, revision)
        self._take(Entry(key, value, revision))
        return revision


def _counted_up(found: Entry | None) -> bytes:
    return str(int(found.value) + 1 if found and found.value.isdigit() else 1).encode()


def _decoded(entry: Entry, codec: Codec[T]) -> T:
    try:
        return codec.decode(entry.value)
    except UnreadableValueError:
        log.warning("bot_state.unreadable", key=entry.key, revision=entry.revision)
        return codec.default
