"""What a guild is made of besides its people: roles, channels, and who may do what in them."""

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import discord

if TYPE_CHECKING:
    from tests.discord_double.guilds import Guild
    from tests.discord_double.people import Person

EVERYTHING = discord.Permissions.all()
# What a new guild of Discord lets everyone do, as far as a bot meets it.
OF_EVERYONE = discord.Permissions(
    add_reactions=True,
    attach_files=True,
    connect=True,
    embed_links=True,
    read_message_history=True,
    request_to_speak=True,
    send_messages=True,
    speak=True,
    use_application_commands=True,
    use_voice_activation=True,
    view_channel=True,
)


class ChannelKind(enum.IntEnum):
    """The numbers are Discord's."""

    TEXT = 0
    DIRECT = 1
    VOICE = 2
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13


@dataclass(eq=False)
class Role:
    """Permissions with a name; a guild's first role has the guild's id and is everyone's."""

    id: int
    name: str
    permissions: discord.Permissions
    position: int


Holder: TypeAlias = "Role | Person"


@dataclass(eq=False)
class Channel:
    """A place to write, to speak, or both."""

    id: int
    name: str
    kind: ChannelKind
    guild: "Guild | None" = None
    user_limit: int = 0
    overwrites: dict[Holder, discord.PermissionOverwrite] = field(default_factory=dict)
    parent: "Channel | None" = None
    """The channel that a thread hangs below; it has no permissions of its own."""

    @property
    def is_vocal(self) -> bool:
        """Says whether people can sit in it."""
        return self.kind in (ChannelKind.VOICE, ChannelKind.STAGE)


def permissions_of(person: "Person", channel: Channel) -> discord.Permissions:
    """Returns what `person` may do in `channel`, by Discord's rules.

    https://discord.com/developers/docs/topics/permissions#permission-overwrites
    """
    if channel.guild is None or person is channel.guild.owner:
        return EVERYTHING
    channel = channel.parent or channel
    allowed = person.guild.everyone.permissions.value
    for role in person.roles:
        allowed |= role.permissions.value
    if discord.Permissions(allowed).administrator:
        return EVERYTHING
    overwrites = channel.overwrites
    allowed = _after(allowed, [overwrites.get(person.guild.everyone)])
    allowed = _after(allowed, [overwrites.get(role) for role in person.roles])
    allowed = _after(allowed, [overwrites.get(person)])
    permissions = discord.Permissions(allowed)
    return permissions if permissions.view_channel else discord.Permissions.none()


def _after(allowed: int, overwrites: list[discord.PermissionOverwrite | None]) -> int:
    pairs = [overwrite.pair() for overwrite in overwrites if overwrite]
    for _, denied in pairs:
        allowed &= ~denied.value
    for granted, _ in pairs:
        allowed |= granted.value
    return allowed
