"""Choosing a voice, and hearing what there is."""

import io
from dataclasses import replace
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import command
from bot.deadline import within
from bot.ownership import is_own
from bot.pages import show_pages
from bot.request import Request
from bot.services import Surroundings
from bot.text.languages import shown_language
from bot.turns import Turns
from bot.voice_list import shown_name
from ttstrainer.inference.v1 import voice_service_pb2 as pb

MOST_CHOICES = 25
LONGEST_CHOICE = 100
VOICES_PER_PAGE = 15
NO_VOICE = {"none", "default", "reset"}


class Voices(commands.Cog, name="Voices"):
    """Who speaks for you."""

    def __init__(self, around: Surroundings) -> None:
        """Asks the inference service what there is."""
        self._around = around
        self._turns = Turns()

    @command()
    @app_commands.describe(name="One of those that `voices` lists; none for the server's")
    async def voice(self, ctx: Request, *, name: str = "") -> None:
        """Choose the voice that speaks for you; without a name, see which one does."""
        await ctx.acknowledge()
        at = ctx.home.id, ctx.author.id
        if not name:
            await ctx.tell(await self._present(*at))
        elif name.strip().casefold() in NO_VOICE:
            await self._around.book.change_member(*at, partial(replace, voice_id=""))
            await ctx.tell("From now on you speak with the server's voice.")
        else:
            voice = await self._around.voice_list.chosen(name, *at)
            await self._around.book.change_member(*at, partial(replace, voice_id=voice.voice_id))
            await ctx.tell(f"From now on you speak as {bold(voice)}.")

    @command()
    async def voices(self, ctx: Request) -> None:
        """List the voices that you can choose from."""
        await ctx.acknowledge()
        at = ctx.home.id, ctx.author.id
        chosen = self._around.book.member(*at).voice_id
        usable = await self._around.voice_list.usable(*at)
        if not usable:
            await ctx.tell("There are no voices yet. Tell the person who runs me.")
            return
        lines = [_line(voice, *at, chosen=chosen) for voice in usable]
        await show_pages(ctx, "Voices", lines, per_page=VOICES_PER_PAGE)

    @command()
    @app_commands.describe(name="One of those that `voices` lists; yours where you leave it out")
    async def preview(self, ctx: Request, *, name: str = "") -> None:
        """Hear a voice, as a file that you alone see."""
        await ctx.acknowledge()
        at = ctx.home.id, ctx.author.id
        wanted = name or self._speaks_with(*at)
        if not wanted:
            await ctx.tell("Which one? `voices` lists those that you can hear.")
            return
        voice = await self._around.voice_list.chosen(wanted, *at)
        with self._turns.of(ctx.member):
            async with within(self._around.settings.answer_seconds):
                audio = await self._around.voices.preview(voice.voice_id)
        await ctx.tell(f"This is {bold(voice)}.", file=preview_file(audio))

    @voice.autocomplete("name")
    @preview.autocomplete("name")
    async def names(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the voices whose names hold what was typed; none while the service is away."""
        voices = self._around.voice_list
        usable = voices.usable(interaction.guild_id or 0, interaction.user.id)
        return choices(await voices.offered(usable), typed)

    def _speaks_with(self, guild_id: int, user_id: int) -> str:
        member = self._around.book.member(guild_id, user_id)
        return member.voice_id or self._around.book.guild(guild_id).voice_id

    async def _present(self, guild_id: int, user_id: int) -> str:
        voice_id = self._speaks_with(guild_id, user_id)
        if not voice_id:
            return "You speak with the server's own voice. `voices` lists the others."
        for voice in await self._around.voice_list.usable(guild_id, user_id):
            if voice.voice_id == voice_id:
                return f"You speak as {bold(voice)}. `voices` lists the others."
        return "Your voice is not there any more: choose another one. `voices` lists them."


def choices(voices: list[pb.Voice], typed: str) -> list[app_commands.Choice[str]]:
    """Returns what completion offers of `voices`."""
    wanted = typed.strip().casefold()
    return [
        app_commands.Choice(name=shown_name(voice)[:LONGEST_CHOICE], value=voice.voice_id)
        for voice in voices
        if wanted in shown_name(voice).casefold() or wanted in voice.voice_id.casefold()
    ][:MOST_CHOICES]


def preview_file(audio: bytes) -> discord.File:
    """Returns a preview as what can be attached."""
    return discord.File(io.BytesIO(audio), filename="preview.wav")


def bold(voice: pb.Voice) -> str:
    """Returns the name of a voice as it is shown in a sentence."""
    return f"**{discord.utils.escape_markdown(shown_name(voice))}**"


def _line(voice: pb.Voice, guild_id: int, user_id: int, *, chosen: str) -> str:
    marks = [shown_language(voice.language_code)] if voice.language_code else []
    if is_own(voice.voice_id, guild_id, user_id):
        marks.append("yours")
    if voice.voice_id == chosen:
        marks.append("chosen")
    shown = f" — {', '.join(marks)}" if marks else ""
    return f"{bold(voice)}{shown}"
