"""What ids stand for, as a member of a guild sees it, out of what discord.py has in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import discord


@dataclass(frozen=True, slots=True)
class GuildNames:
    """See bot.text.names.Names."""

    writer: discord.Member
    mentioned: Mapping[int, str] = field(default_factory=dict)
    """People by id whom a message names: discord.py may not have all in memory."""
    hearers: Sequence[discord.Member] = ()
    """Whom it is read to; a channel that one of them cannot see has no name."""

    @classmethod
    def around(
        cls,
        message: discord.Message,
        writer: discord.Member,
        hearers: Iterable[discord.Member] = (),
    ) -> "GuildNames":
        """Returns the names that a message of a member may use where `hearers` listen."""
        people = [hearer for hearer in hearers if not hearer.bot]
        return cls(writer, {user.id: user.display_name for user in message.mentions}, people)

    def member(self, user_id: int) -> str | None:
        """See Names."""
        member = self.writer.guild.get_member(user_id)
        return member.display_name if member else self.mentioned.get(user_id)

    def role(self, role_id: int) -> str | None:
        """See Names."""
        role = self.writer.guild.get_role(role_id)
        return role.name if role else None

    def channel(self, channel_id: int) -> str | None:
        """See Names."""
        channel = self.writer.guild.get_channel_or_thread(channel_id)
        if channel is None or not all(_may_see(it, channel) for it in (self.writer, *self.hearers)):
            return None
        return channel.name


def _may_see(member: discord.Member, channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    if isinstance(channel, discord.Thread):
        # Who is in a private one, Discord does not tell bots without the intent for members.
        if channel.is_private() or channel.parent is None:
            return False
        channel = channel.parent
    return channel.permissions_for(member).view_channel
