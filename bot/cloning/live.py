"""Listening to one member in a voice channel, for as long as they have agreed to.

Discord's end-to-end encryption (DAVE) gives every member a key of their own, and only what opens
with that of the member who agreed is kept: nobody else's voice can get in, whatever the voice
server says of who speaks.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import davey
import discord
from discord.voice_state import VoiceConnectionState

from bot.cloning.rtp import MODE, opened
from bot.cloning.take import Take
from services.chassis.errors import ConflictError, InvalidInputError

MAX_SECONDS: Final = 30.0
KEYS_SECONDS: Final = 5.0
"""How long the keys of a call may take after the bot has joined it."""
POLL_SECONDS: Final = 0.05
LOOK_SECONDS: Final = 0.5
"""How often it is looked whether the member is still there."""
MOST_MISSES: Final = 50
"""So many packets in a row that do not open with the member's key make a sender somebody else."""
_MARKER: Final = b"\xfa\xfa"
"""How a frame that is encrypted end to end ends."""


class Opener(Protocol):
    """See davey.DaveSession."""

    def decrypt(self, user_id: int, media_type: davey.MediaType, packet: bytes) -> bytes:
        """Returns the frame of a packet; raises where it is not of this member."""


class Ear:
    """Hears one member out of all that comes."""

    def __init__(self, user_id: int, take: Take) -> None:
        """Puts what `user_id` says into `take`."""
        self._user_id = user_id
        self._take = take
        self._misses: dict[int, int] = {}

    def hear(self, data: bytes, key: bytes, opener: Opener) -> None:
        """Takes a datagram, which may be anybody's."""
        packet = opened(data, key)
        if packet is None or not packet.payload.endswith(_MARKER):
            return
        if self._misses.get(packet.ssrc, 0) >= MOST_MISSES:
            return
        try:
            opus = bytes(opener.decrypt(self._user_id, davey.MediaType.audio, packet.payload))
        except Exception:  # noqa: BLE001 - davey tells its kinds of refusal by their texts alone
            self._misses[packet.ssrc] = self._misses.get(packet.ssrc, 0) + 1
            return
        self._misses.pop(packet.ssrc, None)  # keys change while members come and go
        self._take.add(packet.timestamp, opus)


async def capture(
    voice: discord.VoiceClient, member: discord.Member, finished: asyncio.Event
) -> bytes:
    """Returns what `member` says from now on, as a WAV file, until `finished` or for 30 s.

    Raises:
        ConflictError: the channel is not encrypted end to end.
        InvalidInputError: nothing was heard.
    """
    connection = voice._connection  # noqa: SLF001 - nothing public of it listens
    if voice.mode != MODE or not await _is_encrypted(connection):
        message = "I only listen where the call is encrypted end to end: try again in a moment."
        raise ConflictError(message, reason="NOT_ENCRYPTED")
    take = Take(MAX_SECONDS)
    await _set_deaf(voice, is_deaf=False)
    try:
        with _listening(connection, Ear(member.id, take), take, finished):
            await _until(finished, voice, member)
    finally:
        await _set_deaf(voice, is_deaf=True)
    if not take.seconds:
        message = "I heard nothing of you. Check that your microphone is on, and ask again."
        raise InvalidInputError(message, reason="NOTHING_HEARD")
    return await asyncio.to_thread(take.wav)


@contextmanager
def _listening(
    connection: VoiceConnectionState, ear: Ear, take: Take, finished: asyncio.Event
) -> Iterator[None]:
    """The socket is read on a thread of discord.py's; all else happens on the loop."""
    loop = asyncio.get_running_loop()

    def hear(data: bytes) -> None:
        if connection.dave_session is not None and not take.is_full:
            ear.hear(data, bytes(connection.secret_key), connection.dave_session)
        if take.is_full:
            finished.set()

    def received(data: bytes) -> None:
        loop.call_soon_threadsafe(hear, data)

    connection.add_socket_listener(received)
    try:
        yield
    finally:
        connection.remove_socket_listener(received)


async def _until(
    finished: asyncio.Event, voice: discord.VoiceClient, member: discord.Member
) -> None:
    """Waits for the end: said so, time over, or the two are not together any more."""
    deadline = time.monotonic() + MAX_SECONDS
    while not finished.is_set() and (left := deadline - time.monotonic()) > 0:
        state = member.voice
        if not voice.is_connected() or state is None or state.channel != voice.channel:
            return
        try:
            async with asyncio.timeout(min(LOOK_SECONDS, left)):
                await finished.wait()
        except TimeoutError:
            continue


async def _is_encrypted(connection: VoiceConnectionState) -> bool:
    """Waits for the keys: the bot may have come into the channel just now."""
    deadline = time.monotonic() + KEYS_SECONDS
    while not connection.can_encrypt:
        if not connection.dave_protocol_version or time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


async def _set_deaf(voice: discord.VoiceClient, *, is_deaf: bool) -> None:
    """Discord sends nothing to those who have made themselves deaf."""
    if voice.is_connected():
        await voice.guild.change_voice_state(channel=voice.channel, self_deaf=is_deaf)
