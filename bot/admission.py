"""Who may use the bot in a guild, and from where."""

import discord

from bot.playback.guild_player import GuildPlayer
from bot.playback.item import VocalChannel
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
    if role is None:
        raise RefusedError(
            "The role that was needed to use me was deleted. Somebody who manages this server can "
            "name another one: `settings set required_role_id`.",
            is_flood=True,
        )
    if role not in member.roles:
        raise RefusedError(f"To use me here you need the role {role.mention}.", is_flood=True)


def shared_channel(member: discord.Member, player: GuildPlayer) -> VocalChannel:
    """Returns where the bot speaks, or is about to.

    Raises:
        RefusedError: that is nowhere, or the member is not there and no manager either.
    """
    channel = player.channel or (player.now.voice_channel if player.now else None)
    if channel is None:
        raise RefusedError("I am in no voice channel.")
    theirs = member.voice.channel if member.voice else None
    if theirs != channel and not member.guild_permissions.manage_guild:
        raise RefusedError(f"Join {channel.mention} for that.")
    return channel
