"""Speaking, and what waits to be spoken."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.admission import shared_channel
from bot.commanding import command
from bot.playback.item import Item
from bot.refusing import RefusedError
from bot.request import Request
from bot.services import Surroundings

SHOWN_WAITING = 15
SHOWN_CHARACTERS = 80


class Speech(commands.Cog, name="Speaking"):
    """I say what you write."""

    def __init__(self, around: Surroundings) -> None:
        """Hands what is to be said to the guild's player."""
        self._around = around

    @command(aliases=["s"])
    @app_commands.describe(text="What I am to say in your voice channel")
    async def say(self, ctx: Request, *, text: str) -> None:
        """Say something in your voice channel, with your voice."""
        position = self._around.saying.say(ctx.member, text, ctx.message, ctx.report)
        await ctx.done(_turn(position))

    @command()
    async def skip(self, ctx: Request) -> None:
        """Skip what is being said."""
        player = self._around.players.of(ctx.home.id)
        if player.now is None:
            raise RefusedError("I am not saying anything.")
        if player.now.user_id != ctx.author.id:
            shared_channel(ctx.member, player)
            if not self._may_skip(ctx):
                raise RefusedError("That is not yours to skip: in this server only managers may.")
        player.skip(None)
        await ctx.done("Skipped.")

    @command()
    async def clear(self, ctx: Request) -> None:
        """Drop what you have waiting to be said; as a manager, what everybody has."""
        player = self._around.players.of(ctx.home.id)
        whose = None if _manages(ctx.member) else ctx.author.id
        count = player.clear(whose)
        skipped = player.skip(whose)
        if not count and not skipped:
            raise RefusedError("There is nothing to drop.")
        await ctx.tell("Dropped: nothing waits any more." if whose is None else "Yours is dropped.")

    @command()
    async def queue(self, ctx: Request) -> None:
        """Show what is being said and what waits."""
        player = self._around.players.of(ctx.home.id)
        if player.now is None and not player.waiting:
            await ctx.tell("Nothing is being said, and nothing waits.")
            return
        lines = [f"**Now** {_line(player.now, ctx.member)}"] if player.now else []
        waiting = player.waiting
        lines += [f"{number}. {_line(each, ctx.member)}" for number, each in enumerate(waiting, 1)]
        more = len(lines) - SHOWN_WAITING
        if more > 0:
            lines = [*lines[:SHOWN_WAITING], f"… and {more} more"]
        await ctx.tell("", embed=discord.Embed(title="Queue", description="\n".join(lines)))

    @command()
    async def pause(self, ctx: Request) -> None:
        """Stop for a while; `resume` goes on."""
        player = self._around.players.of(ctx.home.id)
        shared_channel(ctx.member, player)
        player.pause()
        await ctx.tell("I wait. `resume` lets me go on.")

    @command()
    async def resume(self, ctx: Request) -> None:
        """Go on after a pause."""
        player = self._around.players.of(ctx.home.id)
        shared_channel(ctx.member, player)
        player.resume()
        await ctx.tell("I go on.")

    def _may_skip(self, ctx: Request) -> bool:
        return self._around.book.guild(ctx.home.id).skip_anyone or _manages(ctx.member)


def _manages(member: discord.Member) -> bool:
    return member.guild_permissions.manage_guild


def _turn(position: int) -> str:
    match position:
        case 0:
            return "I say it."
        case 1:
            return "I say it after another one."
        case _:
            return f"I say it after {position} others."


def _line(item: Item, reader: discord.Member) -> str:
    shown = item.order.text if _may_hear(reader, item) else "…"
    if len(shown) > SHOWN_CHARACTERS:
        shown = f"{shown[: SHOWN_CHARACTERS - 1]}…"
    return f"<@{item.user_id}>: {discord.utils.escape_markdown(shown)}"


def _may_hear(member: discord.Member, item: Item) -> bool:
    """Says whether somebody asked for an item, or may be where it is spoken."""
    allowed = item.voice_channel.permissions_for(member)
    return item.user_id == member.id or (allowed.view_channel and allowed.connect)
