"""Coming into a voice channel, and leaving it."""

import discord
from discord.ext import commands

from bot.admission import shared_channel
from bot.commanding import command
from bot.request import Request, voice_channel_of
from bot.services import Surroundings


class Channel(commands.Cog, name="Channel"):
    """Where I am."""

    def __init__(self, around: Surroundings) -> None:
        """Sends the guild's player."""
        self._around = around

    @command()
    async def join(self, ctx: Request) -> None:
        """Bring me into your voice channel."""
        channel = voice_channel_of(ctx.member)
        await ctx.acknowledge()
        await self._around.saying.player(ctx.home.id).join(channel)
        await ctx.tell(f"I am in {channel.mention}.")

    @command()
    async def leave(self, ctx: Request) -> None:
        """Send me out of the voice channel; what waits to be spoken is dropped."""
        player = self._around.players.of(ctx.home.id)
        channel = shared_channel(ctx.member, player)
        await ctx.acknowledge()
        await player.leave()
        await ctx.tell(f"I have left {channel.mention}.")

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Nothing is spoken any more in a server that the bot was sent out of."""
        await self._around.players.forget(guild.id)
