"""The bot in a voice channel of a guild: joins, moves, comes back, leaves."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

import discord
import structlog

from bot.audio.playout import Playout
from bot.metrics import CONNECTED, FAILED, LOST, VOICE_CONNECTIONS, VOICE_CONNECTS
from bot.playback.item import VocalChannel
from bot.playback.patience import VoicePatience
from bot.playback.voice_line import VoiceLine
from services.chassis.errors import ConflictError, UnavailableError

logger = structlog.get_logger()


class VoiceConnection:
    """One connection at a time, through which `playout` is heard."""

    def __init__(
        self, playout: Playout, patience: VoicePatience, on_lost: Callable[[], None]
    ) -> None:
        """Calls `on_lost` when somebody sends the bot out of the channel."""
        self._playout = playout
        self._patience = patience
        self._on_lost = on_lost
        self._line: VoiceLine | None = None
        self._has_left = False
        self._lock = asyncio.Lock()

    @property
    def client(self) -> VoiceLine | None:
        """discord.py's voice client, while there is one."""
        return self._line

    @property
    def channel(self) -> VocalChannel | None:
        """The channel that the bot is in; moderators may move it."""
        return self._line.channel if self._line is not None else None

    @property
    def is_down(self) -> bool:
        """Whether it ought to be connected and is not."""
        return self._line is not None and not _is_up(self._line)

    @property
    def people_count(self) -> int:
        """How many listen: all who are in the channel and not known to be bots."""
        channel = self.channel
        if channel is None:
            return 0
        members = map(channel.guild.get_member, channel.voice_states)
        return sum(member is None or not member.bot for member in members)

    async def reach(self, channel: VocalChannel) -> None:
        """Is in `channel` afterwards: joins, moves or waits for a connection that comes back.

        Raises:
            ServiceError: it cannot be, with the reason for people.
        """
        async with self._lock:
            if self._has_left:
                message = "I was sent away in the meantime: ask again."
                raise ConflictError(message, reason="SENT_AWAY")
            if not await self._is_kept(channel):
                await self._drop()
                _check_permissions(channel)
                await self._connect(channel)
            if isinstance(channel, discord.StageChannel):
                await _leave_the_audience(channel)

    async def recover(self) -> None:
        """Is connected again afterwards, to the channel that it was in.

        Raises:
            ServiceError: it cannot be, with the reason for people.
        """
        async with self._lock:
            line = self._line
            if line is None or _is_up(line):
                return
            await self._recovered(line)
            channel = line.present_channel()
            if not _is_up(line) and channel is not None:
                await self._drop()
                await self._connect(channel)

    async def leave(self) -> None:
        """Is in no channel afterwards, whoever waits for it to reach one."""
        async with self._lock:
            self._has_left = True
            await self._drop()

    async def _is_kept(self, channel: VocalChannel) -> bool:
        """Returns whether the line there is leads to `channel`, after a move where it must."""
        line = self._line
        if line is None or not line.is_known():
            return False
        if line.channel.id != channel.id:
            _check_permissions(channel)
            await self._move(line, channel)
        elif not line.is_connected():
            await self._recovered(line)
        return line.is_connected() and line.channel.id == channel.id

    async def _connect(self, channel: VocalChannel) -> None:
        try:
            await self._disconnect(channel.guild.voice_client)  # left by another attempt
            timeout = self._patience.connect_seconds
            line = await channel.connect(timeout=timeout, self_deaf=True, cls=VoiceLine)
        except Exception as error:  # whosever it is: all the same to people
            VOICE_CONNECTS.labels(FAILED).inc()
            logger.warning("voice.join_failed", channel_id=channel.id, error=type(error).__name__)
            await self._disconnect(channel.guild.voice_client)
            message = f"I could not join {channel.mention}: Discord did not let me in, try again."
            raise UnavailableError(message, reason="NOT_JOINED") from error
        except BaseException:  # cancelled
            await asyncio.shield(self._disconnect(channel.guild.voice_client))
            raise
        VOICE_CONNECTS.labels(CONNECTED).inc()
        VOICE_CONNECTIONS.inc()
        self._line = line
        line.on_end = partial(self._lose, line)
        self._playout.send_to(line)

    async def _move(self, line: VoiceLine, channel: VocalChannel) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.connect_seconds):
                await line.move_to(channel)

    async def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            VOICE_CONNECTIONS.dec()
            line.on_end = None
            if line.has_ended:
                await self._absent(line.channel)
            else:
                await self._disconnect(line)

    def _lose(self, line: VoiceLine) -> None:
        VOICE_CONNECTS.labels(LOST).inc()
        if line.was_sent_out:
            self._on_lost()

    async def _recovered(self, line: VoiceLine) -> None:
        """Waits until a line is connected, is of no use any more, or has taken too long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.recovery_seconds):
                while line.is_known() and not line.is_connected():  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.05)

    async def _absent(self, channel: VocalChannel) -> None:
        """Waits for Discord's word that the bot is out; a new line would take it as a kick."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.leave_seconds):
                while channel.guild.me.voice is not None:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.05)

    async def _disconnect(self, line: discord.VoiceProtocol | None) -> None:
        if line is None:
            return
        with contextlib.suppress(Exception):  # it is of no use any more, whatever is wrong with it
            async with asyncio.timeout(self._patience.leave_seconds):
                await line.disconnect(force=True)


def _is_up(line: VoiceLine) -> bool:
    return line.is_known() and line.is_connected()


def _check_permissions(channel: VocalChannel) -> None:
    permissions = channel.permissions_for(channel.guild.me)
    if not (permissions.view_channel and permissions.connect):
        message = f"I may not join {channel.mention}: give me the permission Connect there."
        raise ConflictError(message, reason="MAY_NOT_CONNECT")
    if not permissions.speak:
        message = f"I may not speak in {channel.mention}: give me the permission Speak there."
        raise ConflictError(message, reason="MAY_NOT_SPEAK")
    is_full = channel.user_limit and len(channel.voice_states) >= channel.user_limit
    if is_full and not permissions.move_members:
        raise ConflictError(f"{channel.mention} is full.", reason="CHANNEL_FULL")


async def _leave_the_audience(channel: discord.StageChannel) -> None:
    """Is among the speakers of a stage afterwards; all begin in the audience."""
    me = channel.guild.me
    if me.voice is not None and not me.voice.suppress:
        return
    try:
        await me.edit(suppress=False)
    except discord.HTTPException as error:
        with contextlib.suppress(discord.HTTPException):
            await me.request_to_speak()
        message = "I am in the audience of this stage: invite me to speak, and try again."
        raise ConflictError(message, reason="IN_THE_AUDIENCE") from error
