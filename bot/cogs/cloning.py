"""A member's own voice: cloned from a recording, renamed, deleted."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
from discord import app_commands
from discord.ext import commands

from bot.cloning.asking import Done, asked_for_consent, asked_to_keep
from bot.cloning.attachments import Offer
from bot.cloning.live import MAX_SECONDS, capture
from bot.cloning.own_voice import checked_name
from bot.cloning.statement import Agreement
from bot.cogs.voices import bold, choices, preview_file
from bot.commanding import below, command, group
from bot.deadline import within
from bot.ownership import is_own
from bot.playback.item import VocalChannel
from bot.refusing import RefusedError, words_for
from bot.request import Request, show, voice_channel_of
from bot.services import Surroundings
from bot.text.languages import ENGLISH
from bot.turns import Turns
from services.chassis.errors import ServiceError
from ttstrainer.inference.v1 import voice_service_pb2 as pb

LINK = re.compile(r"<?\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
HOW = "Attach a recording of 10 to 30 seconds of your voice, or reply to a message with one."
COMING = "Thank you. One moment …"
SPEAK_NOW = (
    "**I am listening to you, and to nobody else.** Speak for 10 to 30 seconds, then press Done."
)
NOTHING_KEPT = "Nothing was kept."
NOT_CHOSEN = "Your voice is there, but not chosen: do so with `voice`."
NOT_SETTLED = "Your voice is still there: `voice` chooses it, `delete` removes it."
CLONES_PER_MEMBER = 10
CLONES_SECONDS = 600.0


class Cloning(commands.Cog, name="Your own voice"):
    """Speak with your own voice."""

    def __init__(self, around: Surroundings) -> None:
        """Asks before anything is kept."""
        self._around = around
        self._turns = Turns()

    @group("file")
    @commands.cooldown(CLONES_PER_MEMBER, CLONES_SECONDS, commands.BucketType.member)
    @app_commands.describe(name="What to call the voice", file="10 to 30 seconds of your voice")
    async def clone(
        self, ctx: Request, file: discord.Attachment | None = None, *, name: str
    ) -> None:
        """Clone your own voice from a recording: attach it, or reply to a message with one."""
        await ctx.acknowledge()
        offer, name = _offer(ctx, file, name)
        self._around.attachments.check(offer)
        with self._turns.of(ctx.member), self._folder() as folder:
            await self._check(ctx)
            message = await asked_for_consent(
                ctx, timeout_seconds=self._around.settings.consent_seconds
            )
            if message is None:
                return
            async with telling(message, NOTHING_KEPT):
                clip = await self._around.attachments.fetch(offer, Path(folder))
                voice = await self._make(ctx, message, clip, name)
                async with telling(message, NOT_CHOSEN):
                    await self._choose(ctx, voice)

    @below(clone)
    @commands.cooldown(CLONES_PER_MEMBER, CLONES_SECONDS, commands.BucketType.member)
    @app_commands.describe(name="What to call the voice")
    async def live(self, ctx: Request, *, name: str) -> None:
        """Clone your own voice from what you say in the voice channel, for 30 seconds at most."""
        await ctx.acknowledge()
        name = checked_name(name)
        if not self._around.book.guild(ctx.home.id).live_cloning:
            raise RefusedError("I do not listen in this server. `clone` takes a recording.")
        channel = voice_channel_of(ctx.member)
        with self._turns.of(ctx.member), self._folder() as folder:
            await self._check(ctx)
            message = await asked_for_consent(
                ctx, timeout_seconds=self._around.settings.consent_seconds, then=COMING
            )
            if message is None:
                return
            async with telling(message, NOTHING_KEPT):
                clip = Path(folder) / "recording"
                await self._record(ctx, message, channel, clip)
                voice = await self._make(ctx, message, clip, name)
                async with telling(message, NOT_SETTLED):
                    await self._keep(ctx, message, voice)

    @command()
    @app_commands.describe(name="Its new name")
    async def rename(self, ctx: Request, *, name: str) -> None:
        """Give your own voice another name; of several, the one that you have chosen."""
        await ctx.acknowledge()
        at = ctx.home.id, ctx.author.id
        chosen = self._around.book.member(*at).voice_id
        wanted = chosen if is_own(chosen, *at) else ""
        own = await self._around.voice_list.own_chosen(wanted, *at)
        renamed = await self._around.own_voices.rename(own, checked_name(name))
        await ctx.tell(f"Your voice is now called {bold(renamed)}.")

    @command()
    @app_commands.describe(voice="Which of your voices, if you have several")
    async def delete(self, ctx: Request, *, voice: str = "") -> None:
        """Delete your own voice, with all that was made of it, and take your consent back."""
        await ctx.acknowledge()
        at = ctx.home.id, ctx.author.id
        own = await self._around.voice_list.own_chosen(voice, *at)
        await self._around.own_voices.remove(own)
        if self._around.book.member(*at).voice_id == own.voice_id:
            await self._around.book.change_member(*at, partial(replace, voice_id=""))
        await ctx.tell(f"{bold(own)} is deleted, and your consent is withdrawn.")

    @delete.autocomplete("voice")
    async def own_names(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offers the member's own voices; none while the service is away."""
        voices = self._around.voice_list
        own = voices.own(interaction.guild_id or 0, interaction.user.id)
        return choices(await voices.offered(own), typed)

    async def _check(self, ctx: Request) -> None:
        """Raises RefusedError for a member who may not clone another voice."""
        if not self._around.book.guild(ctx.home.id).cloning:
            raise RefusedError("Voices are not cloned in this server.")
        await self._around.own_voices.check_room(ctx.home.id, ctx.author.id)

    async def _make(
        self, ctx: Request, message: discord.Message, clip: Path, name: str
    ) -> pb.Voice:
        """Makes the voice of a consent given under `message`, and shows it there."""
        await show(message, content="Cloning your voice …", view=None)
        agreement = Agreement(
            user_id=ctx.author.id,
            user_name=ctx.author.display_name,
            guild_id=ctx.home.id,
            message_id=message.id,
            bot_id=ctx.me.id,
        )
        language_code = self._language(ctx.home.id, ctx.author.id)
        voice = await self._around.own_voices.clone(
            agreement, [clip], name=name, language_code=language_code
        )
        await show(message, content=_made(voice), attachments=await self._preview(voice))
        return voice

    async def _choose(self, ctx: Request, voice: pb.Voice) -> None:
        choice = partial(replace, voice_id=voice.voice_id)
        await self._around.book.change_member(ctx.home.id, ctx.author.id, choice)

    async def _record(
        self, ctx: Request, message: discord.Message, channel: VocalChannel, clip: Path
    ) -> None:
        """Listens to the one who asked, until they say that they are done."""
        player = self._around.saying.player(ctx.home.id)
        await player.join(channel)
        finished = asyncio.Event()
        done = Done(ctx.author.id, finished, timeout_seconds=MAX_SECONDS)
        with player.listening() as voice:
            await show(message, content=SPEAK_NOW, view=done)
            sound = await capture(voice, ctx.member, finished)
        await asyncio.to_thread(clip.write_bytes, sound)

    async def _keep(self, ctx: Request, message: discord.Message, voice: pb.Voice) -> None:
        """What was captured is deleted unless its speaker wants to keep it."""
        is_kept = False
        try:
            is_kept = await asked_to_keep(
                ctx, message, timeout_seconds=self._around.settings.consent_seconds
            )
        finally:
            if not is_kept:
                await self._around.own_voices.remove(voice)
        if is_kept:
            await self._choose(ctx, voice)

    def _folder(self) -> "TemporaryDirectory[str]":
        """Returns a folder for recordings, gone after the block."""
        return TemporaryDirectory(dir=self._around.scratch)

    async def _preview(self, voice: pb.Voice) -> list[discord.File]:
        """A voice without a preview is a voice, too."""
        try:
            async with within(self._around.settings.answer_seconds):
                return [preview_file(await self._around.voices.preview(voice.voice_id))]
        except ServiceError:
            return []

    def _language(self, guild_id: int, user_id: int) -> str:
        member = self._around.book.member(guild_id, user_id)
        guild = self._around.book.guild(guild_id)
        return member.language_code or guild.language_code or ENGLISH


@asynccontextmanager
async def telling(message: discord.Message, hence: str) -> AsyncIterator[None]:
    """Shows what goes wrong in the block, and what that means, where its progress is shown."""
    try:
        yield
    except (ServiceError, RefusedError) as error:
        await show(message, content=f"{words_for(error)}\n{hence}", view=None)


def _offer(ctx: Request, file: discord.Attachment | None, name: str) -> tuple[Offer, str]:
    """Returns what the voice is cloned from and what it is called: a link may be among its name."""
    link = LINK.search(name)
    if link:
        name = name.replace(link[0], " ")
    attachment = file or ctx.attachment()
    if attachment is None and link is None:
        raise RefusedError(HOW)
    offer = Offer.of(attachment) if attachment else Offer.at(link[0].strip("<>") if link else "")
    return offer, checked_name(name)


def _made(voice: pb.Voice) -> str:
    warnings = [each for reference in voice.references for each in reference.warnings]
    hints = "\n".join(f"- {warning}" for warning in warnings)
    better = f"\nIt would be better with another recording:\n{hints}" if hints else ""
    return f"{bold(voice)} is your voice now, and this is how it sounds.{better}"
