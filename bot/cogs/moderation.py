"""Keeping members from using the bot."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import command
from bot.pages import show_pages
from bot.refusing import RefusedError
from bot.request import Request
from bot.services import Surroundings
from bot.state.model import Ban

MAX_REASON_CHARACTERS = 200
BANS_PER_PAGE = 10


class Moderation(commands.Cog, name="Moderation"):
    """For those who manage the server."""

    def __init__(self, around: Surroundings) -> None:
        """Keeps the bans in the book."""
        self._around = around

    @command()
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(
        member="Who may not use me any more", reason="Why, for those who manage the server"
    )
    async def ban(self, ctx: Request, member: discord.Member, *, reason: str = "") -> None:
        """Keep a member from using me (they stay in the server)."""
        if member.id == ctx.author.id:
            raise RefusedError("You cannot ban yourself.")
        if member.guild_permissions.manage_guild:
            raise RefusedError("Members who manage the server cannot be banned.")
        known = self._around.book.ban_of(ctx.home.id, member.id)
        if known is not None and not reason:
            words = f"{member.mention} is banned already{_why(known)}. `unban` takes it back."
            raise RefusedError(words)
        await ctx.acknowledge()
        ban = Ban(
            reason=reason[:MAX_REASON_CHARACTERS],
            banned_by_id=ctx.author.id,
            banned_at=discord.utils.utcnow().timestamp(),
        )
        await self._around.book.ban(ctx.home.id, member.id, ban)
        player = self._around.players.of(ctx.home.id)
        player.clear(member.id)
        player.skip(member.id)
        await ctx.tell(f"{member.mention} cannot use me any more. `unban` takes it back.")

    @command()
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(user="Who may use me again")
    async def unban(self, ctx: Request, user: discord.User) -> None:
        """Let somebody use me again."""
        await ctx.acknowledge()
        if not await self._around.book.unban(ctx.home.id, user.id):
            raise RefusedError(f"{user.mention} was not banned.")
        await ctx.tell(f"{user.mention} can use me again.")

    @command()
    @commands.has_guild_permissions(manage_guild=True)
    async def bans(self, ctx: Request) -> None:
        """List who may not use me here, and why."""
        found = self._around.book.bans(ctx.home.id)
        if not found:
            await ctx.tell("Nobody is banned.")
            return
        newest_first = sorted(found.items(), key=lambda it: it[1].banned_at, reverse=True)
        lines = [f"<@{user_id}>{_why(ban)}{_by(ban)}" for user_id, ban in newest_first]
        await show_pages(ctx, "Banned", lines, per_page=BANS_PER_PAGE)


def _why(ban: Ban) -> str:
    return f": {discord.utils.escape_markdown(ban.reason)}" if ban.reason else ""


def _by(ban: Ban) -> str:
    who = f"by <@{ban.banned_by_id}>, " if ban.banned_by_id else ""
    return f" ({who}<t:{ban.banned_at:.0f}:d>)"
