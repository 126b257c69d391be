"""Who may use the bot in a guild."""

import discord

from bot.refusing import RefusedError
from bot.state.book import Book
from bot.state.model import NO_ROLE


def refuse_if_barred(book: Book, member: discord.Member) -> None:
    """Raises RefusedError for a member who is banned or lacks the role that is needed."""
    if book.ban_of(member.guild.id, member.id) is not None:
        raise RefusedError("You may not use me in this server.", is_flood=True)
    role_id = book.guild(member.guild.id).required_role_id
    if role_id == NO_ROLE or member.guild_permissions.manage_guild:
        return
    role = member.guild.get_role(role_id)
    if role is not None and role not in member.roles:
        raise RefusedError(f"To use me here you need the role {role.mention}.", is_flood=True)
