"""What somebody asks of the bot, written or slashed, and how it is answered."""

from typing import Any

import discord
from discord.ext import commands

from bot.noting import note_lateness
from bot.refusing import RefusedError


class Request(commands.Context[commands.Bot]):
    """A command as it came: who asked, where, and the way back to them."""

    @property
    def home(self) -> discord.Guild:
        """The guild it was asked in."""
        if self.guild is None:
            raise commands.NoPrivateMessage
        return self.guild

    @property
    def member(self) -> discord.Member:
        """The one who asked."""
        if not isinstance(self.author, discord.Member):
            raise commands.NoPrivateMessage
        return self.author

    async def tell(self, words: str, **more: Any) -> discord.Message:  # noqa: ANN401 - as send takes
        """Answers: to a slash command so that its author alone sees it, else as a reply."""
        if self.interaction is None:
            more["reference"] = self.message.to_reference(fail_if_not_exists=False)
            more["mention_author"] = False
        return await self.send(words, ephemeral=True, **more)

    async def report(self, words: str) -> None:
        """Tells what became of a request; after 15 minutes so that everybody sees it."""
        if self.interaction is None or not self.interaction.is_expired():
            try:
                await self.tell(words)
            except discord.HTTPException as error:
                if not note_lateness(error):
                    raise
            else:
                return
        await self.channel.send(f"{self.author.mention} {words}")

    async def acknowledge(self) -> None:
        """Says that it may take a while; without it an answer comes within three seconds."""
        if self.interaction is not None and not self.interaction.response.is_done():
            await self.defer(ephemeral=True)

    async def done(self, words: str) -> None:
        """Answers a command whose effect is heard: with words only where Discord wants some."""
        if self.interaction is not None:
            await self.tell(words)

    def attachment(self) -> discord.Attachment | None:
        """Returns the file that came with the message, or with the one it replies to.

        Raises:
            RefusedError: it is somebody else's.
        """
        if self.message.attachments:
            return self.message.attachments[0]
        replied = self.message.reference.resolved if self.message.reference else None
        if not isinstance(replied, discord.Message) or not replied.attachments:
            return None
        if replied.author.id != self.author.id:
            raise RefusedError("That was sent by somebody else: only they can have it cloned.")
        return replied.attachments[0]


async def show(message: discord.Message, **changes: Any) -> None:  # noqa: ANN401 - as edit takes
    """Changes a message of the bot's; one that cannot be changed any more shows nothing new."""
    try:
        await message.edit(**changes)
    except discord.HTTPException as error:
        if not note_lateness(error):
            raise


def voice_channel_of(member: discord.Member) -> discord.VoiceChannel | discord.StageChannel:
    """Returns the voice channel that a member is in and that the bot can speak in.

    Raises:
        RefusedError: they are in none, or the bot may not speak there.
    """
    channel = member.voice.channel if member.voice else None
    if channel is None:
        raise RefusedError("Join a voice channel first, then ask again.")
    missing = _missing(channel)
    if missing:
        words = (
            f"I may not {' or '.join(missing)} in {channel.mention}: ask a moderator to allow it."
        )
        raise RefusedError(words)
    if _is_full(channel):
        raise RefusedError(f"{channel.mention} is full: there is no room for me.")
    return channel


def _missing(channel: discord.VoiceChannel | discord.StageChannel) -> list[str]:
    allowed = channel.permissions_for(channel.guild.me)
    wanted = {
        "see anything": allowed.view_channel,
        "connect": allowed.connect,
        "speak": allowed.speak or isinstance(channel, discord.StageChannel),
    }
    return [name for name, is_allowed in wanted.items() if not is_allowed]


def _is_full(channel: discord.VoiceChannel | discord.StageChannel) -> bool:
    me = channel.guild.me
    return (
        0 < channel.user_limit <= len(channel.members)
        and me not in channel.members
        and not channel.permissions_for(me).move_members
    )
