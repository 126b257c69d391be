"""What those who manage a server decide for it."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.autoread import without_deleted
from bot.cogs.voices import choices
from bot.commanding import below, group
from bot.ownership import owner_of
from bot.pages import show_pages
from bot.refusing import RefusedError
from bot.request import Request
from bot.services import Surroundings
from bot.state.kinds.kind import NOTHING
from bot.state.model import GUILD_SETTINGS, GuildSettings
from bot.state.setting import RESET, Setting, named

MOST_CHOICES = 25
SETTINGS_PER_PAGE = 8
NOBODY = 0
"""A member who has no voice of their own."""
MEMBERS_VOICE = "A cloned voice speaks for its member alone: choose another one for all."


class Settings(commands.Cog, name="Settings"):
    """How I behave in this server."""

    def __init__(self, around: Surroundings) -> None:
        """Keeps them in the book."""
        self._around = around

    @group("show")
    async def settings(self, ctx: Request) -> None:
        """Show how I behave in this server."""
        await ctx.acknowledge()
        present = await without_deleted(ctx.home, self._around.book.guild(ctx.home.id))
        lines = [
            f"`{setting.name}` **{setting.shown(present)}**\n{setting.description}"
            for setting in GUILD_SETTINGS.values()
        ]
        await show_pages(ctx, "Settings", lines, per_page=SETTINGS_PER_PAGE)

    @below(settings, "set")
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(name="Which setting", value="What it shall be; default undoes changes")
    async def set_(self, ctx: Request, name: str, *, value: str) -> None:
        """Change a setting of this server; `default` as the value undoes it."""
        await ctx.acknowledge()
        setting = named(GUILD_SETTINGS, name)
        if setting.name == "voice_id":
            value = await self._voice_id(ctx, value)
        chosen = await self._changed(ctx, setting, value)
        await ctx.tell(f"`{setting.name}` is now **{setting.shown(chosen)}**.")

    @below(settings)
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(name="Which setting")
    async def reset(self, ctx: Request, name: str) -> None:
        """Set a setting of this server back to what it was in the beginning."""
        await ctx.acknowledge()
        setting = named(GUILD_SETTINGS, name)
        chosen = await self._changed(ctx, setting, "default")
        await ctx.tell(f"`{setting.name}` is **{setting.shown(chosen)}** again.")

    @set_.autocomplete("name")
    @reset.autocomplete("name")
    async def names(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the settings whose names hold what was typed."""
        wanted = typed.strip().casefold().replace(" ", "_")
        return [
            app_commands.Choice(name=name, value=name) for name in GUILD_SETTINGS if wanted in name
        ][:MOST_CHOICES]

    @set_.autocomplete("value")
    async def values(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers values that the setting can have."""
        setting = GUILD_SETTINGS.get(str(interaction.namespace.name))
        if setting is None:
            return []
        if setting.name == "voice_id":
            voices = self._around.voice_list
            usable = voices.usable(interaction.guild_id or 0, NOBODY)
            return choices(await voices.offered(usable), typed)
        return [
            app_commands.Choice(name=value, value=value)
            for value in setting.kind.suggestions
            if typed.strip().casefold() in value.casefold()
        ][:MOST_CHOICES]

    async def _changed(
        self, ctx: Request, setting: Setting[GuildSettings], typed: str
    ) -> GuildSettings:
        chosen = await self._around.book.change_guild(
            ctx.home.id, lambda settings: setting.changed(settings, typed)
        )
        self._around.saying.player(ctx.home.id)  # so that it holds at once
        return chosen

    async def _voice_id(self, ctx: Request, typed: str) -> str:
        """Returns the id of the voice that is meant by its id or name; what means none stays."""
        if typed.strip().casefold() in NOTHING | RESET:
            return typed
        if owner_of(typed.strip()) is not None:
            raise RefusedError(MEMBERS_VOICE)
        return (await self._around.voice_list.chosen(typed, ctx.home.id, NOBODY)).voice_id
