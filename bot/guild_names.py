"""What ids stand for in a guild, out of what discord.py has in memory."""

from dataclasses import dataclass

import discord


@dataclass(frozen=True, slots=True)
class GuildNames:
    """See bot.text.names.Names."""

    guild: discord.Guild

    def member(self, user_id: int) -> str | None:
        """See Names."""
        member = self.guild.get_member(user_id)
        return member.display_name if member else None

    def role(self, role_id: int) -> str | None:
        """See Names."""
        role = self.guild.get_role(role_id)
        return role.name if role else None

    def channel(self, channel_id: int) -> str | None:
        """See Names."""
        channel = self.guild.get_channel_or_thread(channel_id)
        return channel.name if channel else None
