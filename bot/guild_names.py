"""What ids stand for in a guild, out of what discord.py has in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import discord


@dataclass(frozen=True, slots=True)
class GuildNames:
    """See bot.text.names.Names."""

    guild: discord.Guild
    mentioned: Mapping[int, str] = field(default_factory=dict)
    """Members by id whom a message names: discord.py may not have all in memory."""

    @classmethod
    def around(cls, message: discord.Message, guild: discord.Guild) -> "GuildNames":
        """Returns the names that a message may use."""
        return cls(guild, {user.id: user.display_name for user in message.mentions})

    def member(self, user_id: int) -> str | None:
        """See Names."""
        member = self.guild.get_member(user_id)
        return member.display_name if member else self.mentioned.get(user_id)

    def role(self, role_id: int) -> str | None:
        """See Names."""
        role = self.guild.get_role(role_id)
        return role.name if role else None

    def channel(self, channel_id: int) -> str | None:
        """See Names."""
        channel = self.guild.get_channel_or_thread(channel_id)
        return channel.name if channel else None
