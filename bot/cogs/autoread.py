"""Reading what is written in a channel, without anybody asking for each message."""

import time
from dataclasses import replace
from typing import TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.admission import refuse_if_barred
from bot.commanding import below, group
from bot.deleted_channels import deleted
from bot.floods import Floods
from bot.refusing import RefusedError
from bot.request import Request
from bot.services import Surroundings
from bot.state.model import GUILD_SETTINGS, GuildSettings
from services.chassis.errors import ServiceError

Readable: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.StageChannel
CHANNELS = GUILD_SETTINGS["autoread_channel_ids"]


class Autoread(commands.Cog, name="Reading along"):
    """I read what is written in a channel."""

    def __init__(self, around: Surroundings) -> None:
        """Hands what is to be said to the guild's player."""
        self._around = around
        self._floods = Floods(time.monotonic)

    @group("show")
    async def autoread(self, ctx: Request) -> None:
        """Show the channels of which I read all messages."""
        await ctx.acknowledge()
        settings = await without_deleted(ctx.home, self._around.book.guild(ctx.home.id))
        await ctx.tell(f"I read all messages of: {CHANNELS.shown(settings)}.")

    @below(autoread)
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(channel="Which channel; this one where you leave it out")
    async def on(self, ctx: Request, channel: Readable | None = None) -> None:
        """Read all messages of a channel to those who are in a voice channel."""
        await ctx.acknowledge()
        where = channel or ctx.channel
        gone = await deleted(ctx.home, self._around.book.guild(ctx.home.id).autoread_channel_ids)
        await self._around.book.change_guild(ctx.home.id, lambda it: _with(it, where.id, gone))
        await ctx.tell(f"From now on I read all messages of <#{where.id}>.")

    @below(autoread)
    @commands.has_guild_permissions(manage_guild=True)
    @app_commands.describe(channel="Which channel; this one where you leave it out")
    async def off(self, ctx: Request, channel: Readable | None = None) -> None:
        """Stop reading the messages of a channel."""
        await ctx.acknowledge()
        where = channel or ctx.channel
        await self._around.book.change_guild(ctx.home.id, lambda it: _without(it, where.id))
        await ctx.tell(f"I do not read the messages of <#{where.id}> any more.")

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Has a message said where all are read; what cannot be said is passed over."""
        author = message.author
        if not isinstance(author, discord.Member) or author.bot or message.is_system():
            return
        text = self._read_of(message, author.guild) if author.voice else None
        if text is None:
            return

        async def report(words: str) -> None:
            if not self._floods.may_tell(message.channel.id):
                return  # what keeps one message from being spoken keeps the next ones, too
            reference = message.to_reference(fail_if_not_exists=False)
            await message.channel.send(words, reference=reference, mention_author=False)

        try:
            refuse_if_barred(self._around.book, author)
            self._around.saying.say(author, text, message, report)
        except (RefusedError, ServiceError):
            return  # nobody asked for this very message

    def _read_of(self, message: discord.Message, guild: discord.Guild) -> str | None:
        """Returns what is read of a message; None where it is not meant to be."""
        settings = self._around.book.guild(guild.id)
        if not self._is_read_in(message.channel.id, settings, guild.id):
            return None
        text, wanted = message.content.lstrip(), settings.autoread_prefix
        if text.startswith((self._around.settings.prefix, guild.me.mention)):
            return None  # it is a command
        if wanted:
            return text.removeprefix(wanted) if text.startswith(wanted) else None
        return None if text.startswith(settings.ignored_prefixes) else text

    def _is_read_in(self, channel_id: int, settings: GuildSettings, guild_id: int) -> bool:
        present = self._around.players.of(guild_id).channel
        is_its_chat = present is not None and present.id == channel_id
        return channel_id in settings.autoread_channel_ids or (
            settings.read_voice_chat and is_its_chat
        )


async def without_deleted(guild: discord.Guild, settings: GuildSettings) -> GuildSettings:
    """Returns the settings of a guild without the channels that were deleted since."""
    ids = settings.autoread_channel_ids
    gone = await deleted(guild, ids)
    return replace(settings, autoread_channel_ids=tuple(it for it in ids if it not in gone))


def _with(settings: GuildSettings, channel_id: int, gone: frozenset[int]) -> GuildSettings:
    ids = {*settings.autoread_channel_ids, channel_id} - gone
    return CHANNELS.changed(settings, " ".join(map(str, ids)))


def _without(settings: GuildSettings, channel_id: int) -> GuildSettings:
    ids = settings.autoread_channel_ids
    if channel_id not in ids:
        raise RefusedError("I was not reading that channel.")
    return replace(settings, autoread_channel_ids=tuple(it for it in ids if it != channel_id))
