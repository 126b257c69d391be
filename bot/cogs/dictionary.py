"""How words are to be spoken: a member's own way, and the server's."""

from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import below, group
from bot.pages import show_pages
from bot.request import Request
from bot.services import Surroundings
from bot.text.dictionary import MOST_OF_A_GUILD, MOST_OF_A_PERSON, Dictionary

MOST_CHOICES = 25
ENTRIES_PER_PAGE = 20


class Pronunciation(commands.Cog, name="Dictionary"):
    """How words are spoken."""

    def __init__(self, around: Surroundings) -> None:
        """Keeps them in the book."""
        self._around = around

    @group("list")
    async def dictionary(self, ctx: Request) -> None:
        """List the words that you and this server want spoken in another way."""
        own = _lines(self._around.book.own_dictionary(ctx.author.id), "yours")
        everybody = _lines(self._around.book.guild_dictionary(ctx.home.id), "for all")
        if not own and not everybody:
            await ctx.tell("There are none yet. `dictionary add` adds one.")
            return
        await show_pages(ctx, "Dictionary", own + everybody, per_page=ENTRIES_PER_PAGE)

    @below(dictionary, "add")
    @app_commands.describe(written="A word as it is written", spoken="As you would write its sound")
    async def add(self, ctx: Request, written: str, *, spoken: str) -> None:
        """Have a word of yours spoken in another way, such as: nginx engine ex."""
        await ctx.acknowledge()
        change = partial(_added, written=written, spoken=spoken, most=MOST_OF_A_PERSON)
        await self._around.book.change_own_dictionary(ctx.author.id, change)
        await ctx.tell(f"When you write {_quoted(written)}, I say {_quoted(spoken)}.")

    @below(dictionary, "remove")
    @app_commands.describe(written="The word as it is written")
    async def remove(self, ctx: Request, *, written: str) -> None:
        """Have a word of yours spoken as it is again."""
        await ctx.acknowledge()
        await self._around.book.change_own_dictionary(
            ctx.author.id, lambda dictionary: dictionary.without(written)
        )
        await ctx.tell(f"{_quoted(written)} is spoken as it is again.")

    @below(dictionary, "add-for-all")
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(written="A word as it is written", spoken="As you would write its sound")
    async def add_for_all(self, ctx: Request, written: str, *, spoken: str) -> None:
        """Have a word spoken in another way for everybody in this server."""
        await ctx.acknowledge()
        change = partial(_added, written=written, spoken=spoken, most=MOST_OF_A_GUILD)
        await self._around.book.change_guild_dictionary(ctx.home.id, change)
        await ctx.tell(f"When anybody writes {_quoted(written)}, I say {_quoted(spoken)}.")

    @below(dictionary, "remove-for-all")
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(written="The word as it is written")
    async def remove_for_all(self, ctx: Request, *, written: str) -> None:
        """Have a word spoken as it is again for everybody in this server."""
        await ctx.acknowledge()
        await self._around.book.change_guild_dictionary(
            ctx.home.id, lambda dictionary: dictionary.without(written)
        )
        await ctx.tell(f"{_quoted(written)} is spoken as it is again.")

    @remove.autocomplete("written")
    async def own_words(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the member's own words."""
        return _choices(self._around.book.own_dictionary(interaction.user.id), typed)

    @remove_for_all.autocomplete("written")
    async def words_for_all(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the server's words."""
        return _choices(self._around.book.guild_dictionary(interaction.guild_id or 0), typed)


def _added(dictionary: Dictionary, *, written: str, spoken: str, most: int) -> Dictionary:
    return dictionary.with_entry(written, spoken, most=most)


def _lines(dictionary: Dictionary, whose: str) -> list[str]:
    return [
        f"{_quoted(written)} as {_quoted(spoken)} ({whose})"
        for written, spoken in dictionary.entries.items()
    ]


def _choices(dictionary: Dictionary, typed: str) -> list[app_commands.Choice[str]]:
    wanted = typed.strip().casefold()
    return [
        app_commands.Choice(name=written, value=written)
        for written in dictionary.entries
        if wanted in written.casefold()
    ][:MOST_CHOICES]


def _quoted(words: str) -> str:
    return f"“{discord.utils.escape_markdown(words)}”"
