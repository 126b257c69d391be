"""What a member chooses for themselves: pace, language, and to be forgotten."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import command
from bot.request import Request
from bot.services import Surroundings
from bot.state.model import MEMBER_SETTINGS
from bot.text.languages import LANGUAGES

MOST_CHOICES = 25


class Preferences(commands.Cog, name="Your preferences"):
    """How you sound."""

    def __init__(self, around: Surroundings) -> None:
        """Keeps them in the book."""
        self._around = around

    @command()
    @app_commands.describe(pace="From 0.5 to 2, where 1 is the voice's own; none for the server's")
    async def speed(self, ctx: Request, pace: str = "") -> None:
        """Choose how fast you speak: from 0.5 to 2, where 1 is the voice's own pace."""
        await self._choose(ctx, "speed", pace, "Your pace")

    @command()
    @app_commands.describe(name="Such as German or de; none for the server's")
    async def language(self, ctx: Request, *, name: str = "") -> None:
        """Choose the language that you write in, such as German or de."""
        await self._choose(ctx, "language_code", name, "Your language")

    @language.autocomplete("name")
    async def languages(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the languages that begin as what was typed."""
        wanted = typed.strip().casefold()
        return [
            app_commands.Choice(name=f"{name} ({tag})", value=tag)
            for tag, (name, own) in LANGUAGES.items()
            if any(each.casefold().startswith(wanted) for each in (tag, name, own))
        ][:MOST_CHOICES]

    @command()
    async def forget(self, ctx: Request) -> None:
        """Delete all that I keep about you: your voices, your words, what you chose."""
        await ctx.acknowledge()
        count = await self._around.own_voices.remove_all(ctx.author.id)
        await self._around.book.forget(ctx.author.id)
        voices = f"{count} voice{'s' if count != 1 else ''} of yours" if count else "no voice"
        await ctx.tell(f"Done: I have forgotten what you chose, and deleted {voices}.")

    async def _choose(self, ctx: Request, field: str, typed: str, title: str) -> None:
        await ctx.acknowledge()
        setting = MEMBER_SETTINGS[field]
        at = ctx.home.id, ctx.author.id
        if typed:
            chosen = await self._around.book.change_member(
                *at, lambda settings: setting.changed(settings, typed)
            )
            await ctx.tell(f"{title} is now {setting.shown(chosen)}.")
        else:
            chosen = self._around.book.member(*at)
            await ctx.tell(f"{title} is {setting.shown(chosen)}.")
