"""Guilds: their people, roles and channels, and the bot's place in them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import discord

from tests.discord_double.bell import PATIENCE_SECONDS
from tests.discord_double.calls import KICKED, Call
from tests.discord_double.dave import DaveGroup
from tests.discord_double.dave_peer import DavePeer
from tests.discord_double.listener import Listener
from tests.discord_double.payloads import (
    channel_payload,
    member_payload,
    role_payload,
    voice_state_payload,
)
from tests.discord_double.people import Person, User
from tests.discord_double.places import (
    OF_EVERYONE,
    Channel,
    ChannelKind,
    Holder,
    Role,
    permissions_of,
)

if TYPE_CHECKING:
    from tests.discord_double.world import World

# What the bot's invitation asks for.
OF_BOT = OF_EVERYONE | discord.Permissions(use_external_emojis=True, read_message_history=True)


class Guild:
    """A guild that the bot was invited to: two people, two places to write, three to speak."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.id = world.snowflakes.next()
        self.name = name
        self.everyone = Role(self.id, "@everyone", OF_EVERYONE, 0)
        self.roles = [self.everyone]
        self.people: dict[int, Person] = {}
        self.channels: list[Channel] = []
        self.calls: list[Call] = []
        """The bot's voice sessions here, the newest last."""
        self.refused_joins: list[Channel] = []
        """Where the bot wanted to go and had not the right to: Discord does not answer then."""
        self._groups: dict[Channel, DaveGroup] = {}
        self.alice = self.owner = self.add_person("alice")
        self.bob = self.add_person("bob")
        self.bot = self._settle(world.bot, None, [self.add_role(world.bot.name, OF_BOT)])
        self.general = self.add_text_channel("general")
        self.random = self.add_text_channel("random")
        self.lounge = self.add_voice_channel("lounge")
        self.studio = self.add_voice_channel("studio")
        self.stage = self._add(Channel(world.snowflakes.next(), "stage", ChannelKind.STAGE, self))

    # Founding

    def add_person(
        self,
        name: str,
        *,
        nickname: str | None = None,
        roles: Sequence[Role] = (),
        is_bot: bool = False,
    ) -> Person:
        """Takes in a person; one of the same name in another guild is the same user."""
        person = self._settle(self.world.user(name, is_bot=is_bot), nickname, list(roles))
        member = member_payload(person) | {"guild_id": str(self.id)}
        self.world.gateway.dispatch("GUILD_MEMBER_ADD", member)
        return person

    def add_role(self, name: str, permissions: discord.Permissions | None = None) -> Role:
        """Makes a role."""
        allowed = permissions or discord.Permissions.none()
        role = Role(self.world.snowflakes.next(), name, allowed, len(self.roles))
        self.roles.append(role)
        told = {"guild_id": str(self.id), "role": role_payload(role)}
        self.world.gateway.dispatch("GUILD_ROLE_CREATE", told)
        return role

    def delete_role(self, role: Role) -> None:
        """Takes a role away from all who have it."""
        self.roles.remove(role)
        for person in self.people.values():
            if role in person.roles:
                person.roles.remove(role)
        told = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.world.gateway.dispatch("GUILD_ROLE_DELETE", told)

    def add_text_channel(
        self, name: str, *, overwrites: Mapping[Holder, discord.PermissionOverwrite] | None = None
    ) -> Channel:
        """Makes a channel to write in."""
        number = self.world.snowflakes.next()
        return self._add(
            Channel(number, name, ChannelKind.TEXT, self, overwrites=dict(overwrites or {}))
        )

    def add_voice_channel(
        self,
        name: str,
        *,
        user_limit: int = 0,
        overwrites: Mapping[Holder, discord.PermissionOverwrite] | None = None,
    ) -> Channel:
        """Makes a channel to speak in, and to write in."""
        number = self.world.snowflakes.next()
        return self._add(
            Channel(number, name, ChannelKind.VOICE, self, user_limit, dict(overwrites or {}))
        )

    def add_thread(self, name: str, below: Channel, *, private: bool = False) -> Channel:
        """Begins a thread that the bot is in; best while it runs, as no guild tells of threads."""
        kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
        thread = Channel(self.world.snowflakes.next(), name, kind, self, parent=below)
        self.world.channels[thread.id] = thread
        self.world.gateway.dispatch("THREAD_CREATE", channel_payload(thread))
        return thread

    def delete_channel(self, channel: Channel) -> None:
        """Takes a channel away, or a thread."""
        del self.world.channels[channel.id]
        told = channel_payload(channel)
        if channel.parent:
            self.world.gateway.dispatch("THREAD_DELETE", told)
            return
        self.channels.remove(channel)
        self.world.gateway.dispatch("CHANNEL_DELETE", told)

    async def allow(
        self, holder: Holder, channel: Channel, overwrite: discord.PermissionOverwrite
    ) -> None:
        """Allows and denies things in a channel."""
        channel.overwrites[holder] = overwrite
        self.world.gateway.dispatch("CHANNEL_UPDATE", channel_payload(channel))

    async def give(self, person: Person, role: Role) -> None:
        """Gives somebody a role."""
        person.roles.append(role)
        self.tell_member(person)

    # The bot in voice

    async def call(self, *, within_seconds: float = PATIENCE_SECONDS) -> Call:
        """Waits until the bot has a voice session here, and returns it."""
        return await self.world.bell.until(
            lambda: self.calls[-1] if self.calls and self.calls[-1].is_open else None,
            "voice session of the bot",
            within_seconds=within_seconds,
        )

    async def listener(self, *, within_seconds: float = PATIENCE_SECONDS) -> Listener:
        """Waits until the bot has a voice session here, and returns who listens to it."""
        return (await self.call(within_seconds=within_seconds)).listener

    async def move_voice_server(self) -> None:
        """Gives the bot another voice server, as Discord does when one is overloaded."""
        self.calls[-1].end()
        self._begin_call(self.calls[-1].channel)

    def seat(self, person: Person, channel: Channel | None) -> None:
        """Somebody goes into a channel, or out."""
        call = self._running_call
        if person.channel is not channel:
            left, person.channel = person.channel, channel
            if left and person.dave:
                self._groups[left].dismiss(person.id)
                person.dave = None
            if call and left is call.channel:
                call.part(person)
            if call and channel is call.channel:
                call.greet(person)
            group = self._group(channel)
            if group:
                person.dave = DavePeer(person.id, group)
                group.admit(person.id, person.dave)
        self._suppress(person)
        self.tell_voice_state(person)

    def seat_bot(self, channel: Channel | None, *, code: int = KICKED) -> None:
        """The bot goes into a channel, or out; a session it had elsewhere ends with `code`."""
        call = self._running_call
        stays = channel is not None and self.bot.channel is channel and call and call.socket
        self.bot.channel = channel
        self.bot.voice_session_id = self.world.gateway.session_id
        self._suppress(self.bot)
        self.tell_voice_state(self.bot)
        if stays:
            return
        if call:
            call.end(code)
        if channel:
            self._begin_call(channel)

    def asks_to_join(self, channel: Channel | None) -> None:
        """Op 4: the bot wants to go somewhere; without the right to, nothing happens."""
        if channel and channel is not self.bot.channel and not self._may_enter(channel):
            self.refused_joins.append(channel)
            self.world.bell.ring()
            return
        self.seat_bot(channel)

    def take(self, person: Person, channel: Channel | None) -> None:
        """A moderator moves somebody, or throws them out."""
        assert person.channel, f"{person.user.name} is in no channel"
        if person is self.bot:
            self.seat_bot(channel)
        else:
            self.seat(person, channel)

    @property
    def _running_call(self) -> Call | None:
        return self.calls[-1] if self.calls and not self.calls[-1].is_over else None

    def tell_voice_state(self, person: Person) -> None:
        """VOICE_STATE_UPDATE."""
        self.world.gateway.dispatch("VOICE_STATE_UPDATE", voice_state_payload(person))

    def tell_member(self, person: Person) -> None:
        """GUILD_MEMBER_UPDATE."""
        member = member_payload(person) | {"guild_id": str(self.id)}
        self.world.gateway.dispatch("GUILD_MEMBER_UPDATE", member)

    def _begin_call(self, channel: Channel) -> None:
        call = self.world.begin_call(self, channel, self._group(channel))
        self.calls.append(call)
        told = {"token": call.token, "guild_id": str(self.id), "endpoint": call.endpoint}
        self.world.gateway.dispatch("VOICE_SERVER_UPDATE", told)

    def _may_enter(self, channel: Channel) -> bool:
        seated = sum(person.channel is channel for person in self.people.values())
        is_full = channel.user_limit and seated >= channel.user_limit
        permissions = permissions_of(self.bot, channel)
        return permissions.connect and (not is_full or permissions.move_members)

    def _suppress(self, person: Person) -> None:
        channel = person.channel
        person.is_suppressed = channel is not None and (
            channel.kind is ChannelKind.STAGE or not permissions_of(person, channel).speak
        )

    def _group(self, channel: Channel | None) -> DaveGroup | None:
        # Stage channels are not encrypted end to end.
        if channel is None or channel.kind is not ChannelKind.VOICE or not self.world.dave:
            return None
        if channel not in self._groups:
            self._groups[channel] = DaveGroup(channel.id, self.world.bell)
        return self._groups[channel]

    def _settle(self, user: User, nickname: str | None, roles: list[Role]) -> Person:
        self.people[user.id] = Person(user, self, nickname, roles)
        return self.people[user.id]

    def _add(self, channel: Channel) -> Channel:
        self.channels.append(channel)
        self.world.channels[channel.id] = channel
        self.world.gateway.dispatch("CHANNEL_CREATE", channel_payload(channel))
        return channel
