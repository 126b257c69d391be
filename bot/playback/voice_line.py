"""A line into a voice channel: knows when it can be heard through, and says when it ended."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import discord
from discord.voice_state import ConnectionFlowState, VoiceConnectionState

from bot.playback.item import VocalChannel

if TYPE_CHECKING:
    from discord.types.voice import GuildVoiceState

ENCRYPTION_SECONDS: Final = 2.0
"""How long speech waits for the channel's group of keys; alone in a channel, there may be none."""


class _MendedState(VoiceConnectionState):
    """discord.py's, without what 2.7.1 gets wrong."""

    async def disconnect(
        self, *, force: bool = True, cleanup: bool = True, wait: bool = False
    ) -> None:
        """Wakes the reader: it would sleep for 30 s on a socket that is closed."""
        if (force or self.is_connected()) and self.socket:
            self._socket_reader.pause()
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        await super().disconnect(force=force, cleanup=cleanup, wait=wait)

    async def _voice_connect(self, *, self_deaf: bool = False, self_mute: bool = False) -> None:
        """Expects Discord's answer before it asks: one that comes at once would be missed."""
        if self.state is ConnectionFlowState.disconnected:
            self.state = ConnectionFlowState.set_guild_voice_state
        await super()._voice_connect(self_deaf=self_deaf, self_mute=self_mute)

    async def _connect(
        self,
        reconnect: bool,
        timeout: float,  # noqa: ASYNC109 - as discord.py has it
        self_deaf: bool,
        self_mute: bool,
        resume: bool,
    ) -> None:
        """To resume, it would wait in vain for a session that it has: it comes anew instead."""
        if resume:
            await self.disconnect(cleanup=False)
        await super()._connect(reconnect, timeout, self_deaf, self_mute, resume=False)

    def _create_socket(self) -> None:
        """After a move it would leave the old socket open."""
        if self.socket:
            self.socket.close()
        super()._create_socket()


class VoiceLine(discord.VoiceClient):
    """discord.py's connection as an Outlet; see bot.audio.playout."""

    on_end: Callable[[], None] | None = None
    """Called when the line ends for good: kicked, given up, or as we asked."""

    def __init__(self, client: discord.Client, channel: discord.abc.Connectable) -> None:
        """Is made by `channel.connect(cls=VoiceLine)`."""
        super().__init__(client, channel)
        self.has_ended = False
        self.was_sent_out = False
        """Whether somebody wanted the bot to go: a moderator, or who deleted the channel."""
        self._announced_to: Any = None
        self._unencrypted_since: float | None = None

    def create_connection_state(self) -> VoiceConnectionState:
        """See discord.VoiceClient."""
        return _MendedState(self)

    async def on_voice_state_update(self, data: "GuildVoiceState") -> None:
        """See discord.VoiceClient; hears first-hand where the bot is."""
        if data["channel_id"] is None and not self._connection._expecting_disconnect:  # noqa: SLF001
            self.was_sent_out = True
        await super().on_voice_state_update(data)

    def cleanup(self) -> None:
        """Ends it; discord.py calls this, whatever the cause, and maybe twice."""
        super().cleanup()
        if not self.has_ended:
            self.has_ended = True
            if self.on_end is not None:
                self.on_end()

    def is_known(self) -> bool:
        """Returns whether discord.py still tells it what happens.

        It does not after the end, nor when the gateway did not let it resume: voice is forgotten.
        """
        return self in self.client.voice_clients

    def present_channel(self) -> VocalChannel | None:
        """Returns its channel as discord.py sees it now, if that is there."""
        channel = self.client.get_channel(self.channel.id)
        return channel if isinstance(channel, VocalChannel) else None

    def is_ready(self) -> bool:
        """Returns whether it is connected, and what is sent is encrypted from end to end.

        discord.py says that it is connected before the group's keys are there (DAVE), and sends
        in the clear until then, which listeners drop.
        """
        if not self.is_connected():
            self._unencrypted_since = None
            return False
        state = self._connection
        if state.can_encrypt or not state.dave_protocol_version:
            self._unencrypted_since = None
            return True
        now = time.monotonic()
        if self._unencrypted_since is None:
            self._unencrypted_since = now
        return now - self._unencrypted_since > ENCRYPTION_SECONDS

    def send(self, packet: bytes) -> None:
        """Sends a packet of Opus; tells the channel before that the bot speaks, once a session."""
        session = self.ws
        if session is not self._announced_to:
            self._announced_to = session
            self._announce(session, discord.SpeakingState.voice)
        # The connection may be torn down by the loop at any moment: the packet is lost, no more.
        with contextlib.suppress(Exception):
            self.send_audio_packet(packet, encode=False)

    def rest(self) -> None:
        """Tells the channel that the bot is silent."""
        session, self._announced_to = self._announced_to, None
        if session is not None and session is self.ws:
            self._announce(session, discord.SpeakingState.none)

    def _announce(self, session: Any, state: discord.SpeakingState) -> None:  # noqa: ANN401 - untyped
        speaking = session.speak(state)
        try:
            asyncio.run_coroutine_threadsafe(speaking, self.loop)
        except RuntimeError:  # the loop is closed
            speaking.close()
