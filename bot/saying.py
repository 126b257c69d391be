"""From what somebody wrote to what the guild's player speaks."""

import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Final

import discord

from bot.guild_names import GuildNames
from bot.limits import Limits
from bot.playback.fair_queue import QueueFullError
from bot.playback.guild_player import GuildPlayer
from bot.playback.item import Item
from bot.playback.players import Players
from bot.playback.rules import PlaybackRules
from bot.refusing import RefusedError
from bot.request import voice_channel_of
from bot.speech.order import SpeechOrder
from bot.state.book import Book
from bot.state.model import GuildSettings
from bot.text.announcing import Announcer
from bot.text.attachments import Attachment, attachment_of
from bot.text.dictionary import pronunciations
from bot.text.speakable import TextRules, speakable

NUMBERS: Final = count(1)
NOTHING_TO_SAY: Final = "There is nothing in that which can be spoken."


@dataclass(frozen=True, slots=True)
class Saying:
    """Has what members write spoken, as they and their guild want it."""

    book: Book
    players: Players
    limits: Limits
    clock: Callable[[], float]
    announcer: Announcer = field(init=False)

    def __post_init__(self) -> None:
        """Announces by the same clock."""
        object.__setattr__(self, "announcer", Announcer(self.clock))

    def say(
        self,
        member: discord.Member,
        text: str,
        message: discord.Message,
        report: Callable[[str], Awaitable[None]],
    ) -> int:
        """Queues a text and returns how many are spoken before it; `report` tells what fails.

        Raises:
            RefusedError: it is not spoken, and why.
            ServiceError: the same, as the player found out.
        """
        arrived = self.clock()
        channel = voice_channel_of(member)
        settings = self.book.guild(member.guild.id)
        player = self.player(member.guild.id)
        if player.channel != channel and not settings.auto_join:
            raise RefusedError("Bring me into your channel first, with `join`.")
        order = self.order(member, text, message, channel.members)
        item = Item(next(NUMBERS), member.id, order, channel, report, arrived)
        if settings.announce_names:
            introduced = self._introduced(member, order, is_only_sent=not text.strip())
            item = replace(item, introduced=introduced)
        try:
            return player.enqueue(item)
        except QueueFullError as error:
            raise RefusedError(error.message, is_flood=True) from error

    def player(self, guild_id: int) -> GuildPlayer:
        """Returns the player of a guild, which knows what the guild wants by now."""
        player = self.players.of(guild_id)
        player.rules = rules_of(self.book.guild(guild_id))
        return player

    def order(
        self,
        member: discord.Member,
        text: str,
        message: discord.Message,
        hearers: Iterable[discord.Member] = (),
    ) -> SpeechOrder:
        """Returns what is to be spoken of a text to those who hear it, after it was counted.

        Raises:
            RefusedError: there is nothing to speak, or the member or the guild is too fast.
        """
        guild, own = member.guild, self.book.member(member.guild.id, member.id)
        if wait := self.limits.take(guild.id, member.id):  # before what costs time
            seconds = math.ceil(wait)
            raise RefusedError(f"That was fast. Wait {seconds} s, please.", is_flood=True)
        settings = self.book.guild(guild.id)
        language_code = own.language_code or settings.language_code
        rules = TextRules(
            language_code,
            settings.max_characters,
            settings.max_repeated_characters,
            read_emoji=settings.read_emoji,
        )
        names = GuildNames.around(message, member, hearers)
        spoken = speakable(text, names, rules, _attached(message))
        if not spoken:
            raise RefusedError(NOTHING_TO_SAY)
        return SpeechOrder(
            spoken,
            own.voice_id or settings.voice_id,
            language_code,
            own.speed or settings.speed,
            pronunciations(
                spoken,
                own=self.book.own_dictionary(member.id),
                guild=self.book.guild_dictionary(guild.id),
            ),
            max_audio_seconds=settings.max_audio_seconds,
        )

    def _introduced(
        self, member: discord.Member, order: SpeechOrder, *, is_only_sent: bool
    ) -> Callable[[str], str]:
        return partial(
            self.announcer.announced,
            guild_id=member.guild.id,
            user_id=member.id,
            name=member.display_name,
            language_code=order.language_code,
            is_only_sent=is_only_sent,
        )


def rules_of(settings: GuildSettings) -> PlaybackRules:
    """Returns what the player has to know of a guild's settings."""
    return PlaybackRules(
        queue_limit=settings.max_waiting,
        queue_limit_per_user=settings.max_waiting_per_member,
        idle_leave_seconds=settings.idle_leave_seconds,
        empty_leave_seconds=settings.empty_leave_seconds,
    )


def _attached(message: discord.Message) -> list[Attachment]:
    files = [attachment_of(it.content_type, it.filename) for it in message.attachments]
    return files + [Attachment.STICKER for _ in message.stickers]
