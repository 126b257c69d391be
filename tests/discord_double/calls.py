"""The bot's voice sessions, as the voice server holds them."""

import asyncio
import json
import secrets
import struct
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.discord_double import rtp
from tests.discord_double.bell import PATIENCE_SECONDS, Bell
from tests.discord_double.dave import DaveGroup
from tests.discord_double.listener import Listener, Packet
from tests.discord_double.voice_udp import Address, VoiceUdp

if TYPE_CHECKING:
    from aiohttp import web

    from tests.discord_double.people import Person
    from tests.discord_double.places import Channel

KICKED, CRASHED, NO_DAVE = 4014, 4015, 4017

_PACKETS_PER_REPORT = 50
_ENCRYPTED_END = b"\xfa\xfa"


class Call:
    """The bot in a voice channel: from VOICE_SERVER_UPDATE until it leaves, moves or is moved."""

    def __init__(
        self,
        bot: "Person",
        channel: "Channel",
        *,
        endpoint: str,
        group: DaveGroup | None,
        udp: VoiceUdp,
        bell: Bell,
    ) -> None:
        self.bot = bot
        self.channel = channel
        self.endpoint = endpoint
        self.token = secrets.token_hex(8)
        self.ssrc = secrets.randbelow(1 << 31)
        self.key = secrets.token_bytes(rtp.KEY_BYTES)
        self.listener = Listener(bell)
        self.address: Address | None = None
        self.speaking: list[tuple[float, int]] = []
        """What the bot said about speaking: when (time.perf_counter()) and the flags."""
        self.heartbeats = 0
        self.resumes = 0
        self.close_codes: list[int | None] = []
        """How its websockets ended, as the client said."""
        self.is_over = False
        self.end_code = KICKED
        self.is_described = False
        self.spoils_next = False
        """The next commit or welcome for the bot arrives as garbage, once."""
        self.dave: DaveGroup | None = group
        self.socket: web.WebSocketResponse | None = None
        self.transport: asyncio.Transport | None = None
        self.backlog: list[str | bytes] = []
        """All numbered messages, for RESUME; the first has number 1."""
        self.news = asyncio.Event()
        self._reports = 0
        self._bell = bell
        self._udp = udp

    @property
    def is_open(self) -> bool:
        """Says whether the bot can send and hear now."""
        return self.is_described and self.socket is not None and not self.is_over

    async def secured(self, *, within_seconds: float = PATIENCE_SECONDS) -> None:
        """Waits until everybody in the channel can decrypt the bot, and it them."""
        await self._bell.until(
            lambda: self.is_described and (self.dave is None or self.dave.is_settled),
            "settled encryption",
            within_seconds=within_seconds,
        )

    async def close(self, code: int = CRASHED) -> None:
        """Closes the websocket from the server's side; the session may be resumed."""
        if self.socket:
            await self.socket.close(code=code)

    def abort(self) -> None:
        """Cuts the line without a word."""
        if self.transport:
            self.transport.abort()

    def end(self, code: int = KICKED) -> None:
        """The session is no more: the bot left, or has another one."""
        self.is_over = True
        self.end_code = code
        self._udp.calls.pop(self.ssrc, None)
        if self.dave:
            self.dave.dismiss(self.bot.id)
        self.news.set()
        self._bell.ring()

    # What the server tells the client

    def tell(self, op: int, data: Any) -> None:  # noqa: ANN401 - JSON
        """Sends a numbered message."""
        self.backlog.append(json.dumps({"op": op, "d": data, "seq": len(self.backlog) + 1}))
        self.news.set()

    def tell_bytes(self, op: int, data: bytes) -> None:
        """Sends a numbered binary message."""
        self.backlog.append(struct.pack(">HB", len(self.backlog) + 1, op) + data)
        self.news.set()

    def describe(self, client_version: int) -> None:
        """Op 4: the session stands."""
        version = min(1 if self.dave else 0, client_version)
        self.tell(
            4,
            {
                "mode": rtp.MODE,
                "secret_key": list(self.key),
                "dave_protocol_version": version,
                "media_session_id": self.token,
                "audio_codec": "opus",
                "video_codec": "H264",
            },
        )
        self.is_described = True
        if present := self._listeners():
            self.tell(11, {"user_ids": [str(person.id) for person in present]})
        if self.dave:
            self.dave.admit(self.bot.id, self)
        self._bell.ring()

    def greet(self, person: "Person") -> None:
        """Op 11: somebody came."""
        if self.is_described:
            self.tell(11, {"user_ids": [str(person.id)]})

    def part(self, person: "Person") -> None:
        """Op 13: somebody went."""
        if self.is_described:
            self.tell(13, {"user_id": str(person.id)})

    # DaveMember: the bot's own client, at the other end of the line

    def meet_server(self, package: bytes) -> None:
        self.tell_bytes(25, package)

    def consider(self, proposals: bytes) -> None:
        self.tell_bytes(27, b"\0" + proposals)

    def take_commit(self, transition: int, commit: bytes) -> None:
        self.tell_bytes(29, struct.pack(">H", transition) + self._maybe_spoiled(commit))

    def take_welcome(self, transition: int, welcome: bytes) -> None:
        self.tell_bytes(30, struct.pack(">H", transition) + self._maybe_spoiled(welcome))

    def execute(self, transition: int) -> None:
        self.tell(22, {"transition_id": transition})

    def start_over(self) -> None:
        self.tell(24, {"protocol_version": 1, "epoch": 1})
        self.tell(21, {"protocol_version": 1, "transition_id": 0})

    def _maybe_spoiled(self, message: bytes) -> bytes:
        spoiled, self.spoils_next = self.spoils_next, False
        return message[::-1] if spoiled else message

    # Sound

    def hear(self, datagram: bytes, arrived: float) -> None:
        """Takes a packet of the bot and hands it to everybody in the channel."""
        packet = rtp.opened(datagram, self.key)
        if packet is None:
            self.listener.broken_seals += 1
            return
        if len(self.listener.packets) % _PACKETS_PER_REPORT == 0 and self.address:
            report = rtp.sealed_report(self.ssrc, self._reports, self.key)
            self._udp.send(report, self.address)
            self._reports += 1
        present = [] if self.bot.is_muted or self.bot.is_suppressed else self._listeners()
        is_encrypted = packet.payload.endswith(_ENCRYPTED_END)
        opus = b"" if is_encrypted else packet.payload
        heard: set[int] = set()
        for person in present:
            if self.dave is None or packet.payload == rtp.SILENCE:
                heard.add(person.id)
            elif is_encrypted and person.dave:
                plain = person.dave.decrypt(self.bot.id, packet.payload)
                if plain is not None:
                    opus = plain
                    heard.add(person.id)
        self.listener.note(
            Packet(
                arrived,
                packet.sequence,
                packet.timestamp,
                packet.nonce,
                opus,
                is_encrypted,
                frozenset(heard),
                frozenset(person.id for person in present) - heard,
            )
        )

    async def carry(self, person: "Person", frames: Sequence[bytes]) -> None:
        """Sends Opus frames of a person to the bot, one each 20 ms, then five of silence."""
        self.tell(5, {"user_id": str(person.id), "ssrc": person.ssrc, "speaking": 1, "delay": 0})
        started = time.perf_counter()
        for number, frame in enumerate([*frames, *[rtp.SILENCE] * 5]):
            wait = started + number * rtp.FRAME_SECONDS - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if self.address is None or self.is_over:
                return
            payload = person.dave.encrypt(frame) if person.dave else frame
            packet = rtp.Rtp(
                person.ssrc,
                person.sent_packets,
                person.sent_packets * rtp.FRAME_SAMPLES,
                person.sent_packets,
                payload,
            )
            person.sent_packets += 1
            self._udp.send(rtp.sealed(packet, self.key), self.address)

    def _listeners(self) -> "list[Person]":
        everybody = self.bot.guild.people.values()
        return [one for one in everybody if one.channel is self.channel and one is not self.bot]
