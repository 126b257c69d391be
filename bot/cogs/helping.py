"""What there is to say to the bot."""

from itertools import groupby
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import command
from bot.refusing import RefusedError
from bot.request import Request

MOST_CHOICES = 25
INTRODUCTION = (
    "Join a voice channel and write `{prefix}say hello`, or use `/say`: I speak for you. Every "
    "command can be written or slashed. `{prefix}help say` tells more about one."
)

Command = commands.Command[Any, ..., Any]


class Helping(commands.Cog, name="Help"):
    """What I can do."""

    def __init__(self, prefix: str) -> None:
        """Shows commands as they are written with `prefix`."""
        self._prefix = prefix

    @command("help")
    @app_commands.describe(command="Which command")
    async def show_help(self, ctx: Request, *, command: str = "") -> None:
        """Show what I can do, or how a command is used."""
        if command:
            await ctx.tell("", embed=self._about(ctx.bot, command))
            return
        embed = discord.Embed(
            title="What I can do", description=INTRODUCTION.format(prefix=self._prefix)
        )
        for subject, found in _by_subject(ctx.bot):
            lines = [f"`{each.qualified_name}` {each.short_doc}" for each in found]
            embed.add_field(name=subject, value="\n".join(lines), inline=False)
        await ctx.tell("", embed=embed)

    @show_help.autocomplete("command")
    async def names(
        self, interaction: discord.Interaction[commands.Bot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the commands whose names hold what was typed."""
        wanted = typed.strip().casefold()
        found = sorted(each.qualified_name for each in _all(interaction.client))
        return [app_commands.Choice(name=it, value=it) for it in found if wanted in it][
            :MOST_CHOICES
        ]

    def _about(self, bot: commands.Bot, name: str) -> discord.Embed:
        found = bot.get_command(name.strip().removeprefix(self._prefix).removeprefix("/"))
        if found is None:
            raise RefusedError("There is no such command. `help` lists them all.")
        usage = f"{self._prefix}{found.qualified_name} {found.signature}".strip()
        embed = discord.Embed(title=found.qualified_name, description=found.help)
        embed.add_field(name="Written", value=f"`{usage}`", inline=False)
        for parameter in _options(found):
            embed.add_field(name=parameter.name, value=str(parameter.description), inline=False)
        if isinstance(found, commands.Group):
            lines = [f"`{each.qualified_name}` {each.short_doc}" for each in found.commands]
            embed.add_field(name="More", value="\n".join(sorted(lines)), inline=False)
        return embed


def _options(command: Command) -> list[app_commands.Parameter]:
    if isinstance(command, commands.HybridCommand | commands.HybridGroup):
        slashed: object = command.app_command
        if isinstance(slashed, app_commands.Group):
            slashed = slashed.get_command(str(getattr(command, "fallback", "")))
        if isinstance(slashed, app_commands.Command):
            return slashed.parameters
    return []


def _by_subject(bot: commands.Bot) -> list[tuple[str, list[Command]]]:
    """Returns the commands with the names of their cogs, in the order of the cogs."""
    order = list(bot.cogs)
    listed = sorted(_all(bot), key=lambda it: (order.index(it.cog_name or ""), it.qualified_name))
    return [(name, list(found)) for name, found in groupby(listed, lambda it: it.cog_name or "")]


def _all(bot: commands.Bot) -> list[Command]:
    return [each for each in bot.walk_commands() if each.cog_name and not each.hidden]
