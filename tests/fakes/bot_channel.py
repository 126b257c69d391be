"""A voice channel without Discord: who is in it, whether it lets the bot in, what it hears."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import discord

from bot.playback.guild_player import GuildPlayer
from bot.playback.item import Item, VocalChannel
from bot.speech.order import SpeechOrder
from tests.eventually import eventually
from tests.fakes.bot_speech import FakeOutlet

ME = 1


@dataclass(eq=False)
class FakeGuild:
    """A guild with its members; `bots` are their ids."""

    id: int = 7
    voice_client: "FakeLine | None" = None
    me: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(id=ME, bot=True, voice=None)
    )
    bots: set[int] = field(default_factory=lambda: {ME})

    def get_member(self, user_id: int) -> SimpleNamespace:
        """See discord.Guild."""
        return SimpleNamespace(id=user_id, bot=user_id in self.bots)


def _at_once() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(eq=False)
class FakeChannel:
    """A voice channel; `error` is what joins meet, which wait until they `may_join`."""

    id: int = 70
    guild: FakeGuild = field(default_factory=FakeGuild)
    permissions: discord.Permissions = field(
        default_factory=lambda: discord.Permissions(view_channel=True, connect=True, speak=True)
    )
    people: set[int] = field(default_factory=lambda: {2})
    user_limit: int = 0
    error: Exception | None = None
    may_join: asyncio.Event = field(default_factory=_at_once)
    lines: list["FakeLine"] = field(default_factory=list)
    """One for each join."""

    async def connect(self, **_: Any) -> "FakeLine":  # noqa: ANN401 - as discord.py's
        """See discord.abc.Connectable."""
        if self.guild.voice_client is not None:
            raise discord.ClientException("Already connected to a voice channel.")
        line = self.guild.voice_client = FakeLine(self)
        await self.may_join.wait()
        if self.error is not None:
            raise self.error
        self.lines.append(line)
        line.is_open = True
        self.people.add(ME)
        return line

    def permissions_for(self, _: object) -> discord.Permissions:
        """See discord.VoiceChannel."""
        return self.permissions

    @property
    def mention(self) -> str:
        """See discord.VoiceChannel."""
        return f"<#{self.id}>"

    @property
    def voice_states(self) -> dict[int, object]:
        """See discord.VoiceChannel."""
        return dict.fromkeys(self.people, object())

    @property
    def as_channel(self) -> VocalChannel:
        """Itself, as the type that it stands for."""
        return cast("discord.VoiceChannel", self)

    @property
    def line(self) -> "FakeLine":
        """The connection of the last join."""
        return self.lines[-1]


class FakeLine(FakeOutlet):
    """A VoiceLine."""

    on_end: Callable[[], None] | None = None

    def __init__(self, channel: FakeChannel) -> None:
        """Leads into `channel`."""
        super().__init__(is_open=False)
        self.channel = channel
        self.has_ended = False
        self.was_sent_out = False

    def is_connected(self) -> bool:
        """See discord.VoiceClient."""
        return self.is_open

    def is_known(self) -> bool:
        """See VoiceLine."""
        return self.channel.guild.voice_client is self

    def present_channel(self) -> FakeChannel:
        """See VoiceLine."""
        return self.channel

    async def move_to(self, channel: FakeChannel) -> None:
        """See discord.VoiceClient."""
        self.channel.people.discard(ME)
        self.channel = channel
        channel.people.add(ME)
        channel.lines.append(self)

    async def disconnect(self, *, force: bool) -> None:
        """See discord.VoiceClient."""
        self.end()

    def kick(self) -> None:
        """Ends it, as a moderator does."""
        self.was_sent_out = True
        self.end()

    def end(self) -> None:
        """Ends it, as a server does."""
        self.is_open = False
        self.channel.people.discard(ME)
        self.channel.guild.voice_client = None
        if not self.has_ended:
            self.has_ended = True
            if self.on_end is not None:
                self.on_end()


class Sayer:
    """Makes items, and keeps what their authors are told."""

    def __init__(self, channel: FakeChannel) -> None:
        """Has everything said in `channel`."""
        self._channel = channel
        self.told: dict[int, list[str]] = {}
        self._count = 0

    def item(self, text: str, user_id: int = 2, channel: FakeChannel | None = None) -> Item:
        """Returns a new item of a user."""
        self._count += 1

        async def report(words: str) -> None:
            self.told.setdefault(user_id, []).append(words)

        return Item(
            item_id=self._count,
            user_id=user_id,
            order=SpeechOrder(text),
            voice_channel=(channel or self._channel).as_channel,
            report=report,
            arrived=time.monotonic(),
        )


async def spoken(player: GuildPlayer, *, within_seconds: float = 10) -> None:
    """Waits until nothing is left to say."""
    await eventually(
        lambda: player.now is None and not player.waiting, within_seconds=within_seconds
    )
