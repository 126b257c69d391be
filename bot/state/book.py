"""All that the bot remembers of guilds and people: settings, dictionaries, bans."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.state import keys
from bot.state.codec import BANS, DICTIONARIES, GUILDS, MEMBERS
from bot.state.mirror import RETRY_SECONDS, Mirror
from bot.state.model import Ban, GuildSettings, MemberSettings
from bot.text.dictionary import Dictionary
from services.chassis.key_value import KeyValue


class Book:
    """What is asked is answered from memory, NATS down or up; what is changed, all replicas learn.

    Changes raise what Mirror says. `change` is called with what is there and returns what is to
    be; it may be called again, on what somebody else wrote meanwhile, and what it raises goes to
    the caller.
    """

    def __init__(self, bucket: KeyValue, *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Keeps everything in `bucket`; empty until `run` has read it."""
        self._mirror = Mirror(bucket, retry_seconds=retry_seconds)

    async def run(self) -> None:
        """Reads what is there and follows all changes, for ever."""
        await self._mirror.run()

    async def ready(self) -> None:
        """Waits until `run` has read what was there."""
        await self._mirror.ready()

    def guild(self, guild_id: int) -> GuildSettings:
        """Returns what a guild has chosen."""
        return self._mirror.read(keys.settings(guild_id), GUILDS)

    def member(self, guild_id: int, user_id: int) -> MemberSettings:
        """Returns what a member of a guild has chosen."""
        return self._mirror.read(keys.member(guild_id, user_id), MEMBERS)

    def guild_dictionary(self, guild_id: int) -> Dictionary:
        """Returns how a guild wants words to be spoken."""
        return self._mirror.read(keys.guild_dictionary(guild_id), DICTIONARIES)

    def own_dictionary(self, user_id: int) -> Dictionary:
        """Returns how a person wants words to be spoken, in all guilds."""
        return self._mirror.read(keys.own_dictionary(user_id), DICTIONARIES)

    def ban_of(self, guild_id: int, user_id: int) -> Ban | None:
        """Returns the ban of a person in a guild, if there is one."""
        return self._mirror.read(keys.ban(guild_id, user_id), BANS)

    def bans(self, guild_id: int) -> Mapping[int, Ban]:
        """Returns all bans of a guild by the person's id."""
        prefix = keys.bans(guild_id)
        return {
            int(key.removeprefix(prefix)): ban
            for key, ban in self._mirror.held()
            if key.startswith(prefix)
        }

    async def change_guild(
        self, guild_id: int, change: Callable[[GuildSettings], GuildSettings]
    ) -> GuildSettings:
        """Changes what a guild has chosen, and returns it."""
        return await self._mirror.change(keys.settings(guild_id), GUILDS, change)

    async def change_member(
        self, guild_id: int, user_id: int, change: Callable[[MemberSettings], MemberSettings]
    ) -> MemberSettings:
        """Changes what a member of a guild has chosen, and returns it."""
        return await self._mirror.change(keys.member(guild_id, user_id), MEMBERS, change)

    async def change_guild_dictionary(
        self, guild_id: int, change: Callable[[Dictionary], Dictionary]
    ) -> Dictionary:
        """Changes how a guild wants words to be spoken, and returns it."""
        return await self._mirror.change(keys.guild_dictionary(guild_id), DICTIONARIES, change)

    async def change_own_dictionary(
        self, user_id: int, change: Callable[[Dictionary], Dictionary]
    ) -> Dictionary:
        """Changes how a person wants words to be spoken, and returns it."""
        return await self._mirror.change(keys.own_dictionary(user_id), DICTIONARIES, change)

    async def ban(self, guild_id: int, user_id: int, ban: Ban) -> None:
        """Bans a person; who is banned already is so with the new reason."""
        await self._mirror.change(keys.ban(guild_id, user_id), BANS, lambda _: ban)

    async def unban(self, guild_id: int, user_id: int) -> bool:
        """Ends a ban, and says whether there was one."""
        return await self._mirror.erase(keys.ban(guild_id, user_id))

    async def forget(self, user_id: int) -> int:
        """Removes what a person has chosen, in all guilds; returns how many things that were.

        Bans of the person stay, as nobody could ban anybody otherwise; those by the person lose
        the name.
        """
        # All of the bucket is not listed: that takes seconds where many have chosen something.
        found = {key for key, _ in self._mirror.held() if keys.is_about(key, user_id)}
        found.update(await self._mirror.listed(keys.of_person(user_id)))
        removed = [await self._mirror.erase(key) for key in sorted(found)]
        for key, value in self._mirror.held():
            if isinstance(value, Ban) and value.banned_by_id == user_id:
                await self._mirror.change(key, BANS, lambda it: it and replace(it, banned_by_id=0))
        return sum(removed)

    async def forget_guild(self, guild_id: int) -> int:
        """Removes all of a guild that the bot has left; returns how many things that were."""
        found = await self._mirror.listed(keys.of_guild(guild_id))
        return sum([await self._mirror.erase(key) for key in found])
