"""Keeping members from using the bot."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import command
from bot.refusing import RefusedError
from bot.request import Request
from bot.services import Surroundings
from bot.state.model import Ban

MAX_REASON_CHARACTERS = 200


class Moderation(commands.Cog, name="Moderation"):
    """For those who manage the server."""

    def __init__(self, around: Surroundings) -> None:
        """Keeps the bans in the book."""
        self._around = around

    @command()
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(member="Who may not use me any more", reason="Why, for the others")
    async def ban(self, ctx: Request, member: discord.Member, *, reason: str = "") -> None:
        """Keep a member from using me (they stay in the server)."""
        if member.id == ctx.author.id:
            raise RefusedError("You cannot ban yourself.")
        if member.guild_permissions.manage_guild:
            raise RefusedError("Members who manage the server cannot be banned.")
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
