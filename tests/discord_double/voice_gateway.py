"""The voice servers' websocket, version 8: sessions begin, resume and end here.

https://discord.com/developers/docs/topics/voice-connections
"""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord_double import rtp
from tests.discord_double.bell import Bell
from tests.discord_double.calls import NO_DAVE, Call
from tests.discord_double.payloads import Json
from tests.discord_double.voice_udp import VoiceUdp

AUTHENTICATION_FAILED, SESSION_INVALID, UNKNOWN_MODE = 4004, 4006, 4016
_HEARTBEAT_MILLISECONDS = 13_750


@dataclass
class VoiceGateway:
    """All voice servers: which one it is, the endpoint of the call says."""

    udp: VoiceUdp
    bell: Bell
    latency_seconds: float
    """Between a message of the client and what the server makes of it."""
    answers_heartbeats: bool = True
    grace_seconds: float = 0.1
    """How long the line of a session that is over stays open."""
    calls: list[Call] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Holds one websocket until it ends."""
        if request.query.get("v") != "8":
            return web.Response(status=400)
        socket = web.WebSocketResponse(compress=True, autoclose=True)
        await socket.prepare(request)
        await socket.send_json(
            {"op": 8, "d": {"v": 8, "heartbeat_interval": _HEARTBEAT_MILLISECONDS}}
        )
        connection = _Connection(self, socket, request)
        try:
            async for message in socket:
                if self.latency_seconds:
                    await asyncio.sleep(self.latency_seconds)
                if message.type is WSMsgType.BINARY:
                    connection.take_bytes(message.data[0], message.data[1:])
                elif message.type is WSMsgType.TEXT:
                    content = json.loads(message.data)
                    await connection.take(content["op"], content["d"])
        finally:
            await connection.end()
        return socket


class _Connection:
    """One websocket and, once it said for which, its call."""

    def __init__(
        self, gateway: VoiceGateway, socket: web.WebSocketResponse, request: web.Request
    ) -> None:
        self._gateway = gateway
        self._socket = socket
        self._host = request.host.split(":")[0]
        self._transport = request.transport
        self._call: Call | None = None
        self._client_version = 0
        self._writer: asyncio.Task[None] | None = None

    async def take(self, op: int, data: Any) -> None:  # noqa: ANN401 - JSON
        """Takes one message of the client."""
        if op == 0:
            await self._identify(data)
        elif op == 7:
            await self._resume(data)
        elif op == 3:
            await self._beat(data)
        elif self._call is None:
            await self._socket.close(code=4003, message=b"Not authenticated.")
        elif op == 1:
            await self._select(self._call, data)
        elif op == 5:
            self._call.speaking.append((time.perf_counter(), data["speaking"]))
            self._gateway.bell.ring()
        elif op == 23 and self._call.dave:
            self._call.dave.on_ready(self._call.bot.id, data["transition_id"])
        elif op == 31 and self._call.dave:
            self._call.dave.on_invalid(self._call.bot.id)

    def take_bytes(self, op: int, data: bytes) -> None:
        """Takes one binary message: all of them are DAVE's."""
        if self._call is None or self._call.dave is None or self._call.is_over:
            return
        if op == 26:
            self._call.dave.on_key_package(self._call.bot.id, data)
        elif op == 28:
            self._call.dave.on_commit(self._call.bot.id, data)

    async def end(self) -> None:
        """The websocket is closed."""
        if self._writer:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer
        if self._call:
            self._call.close_codes.append(self._socket.close_code)
            if self._call.socket is self._socket:
                self._call.socket = None
        self._gateway.bell.ring()

    async def _identify(self, data: Json) -> None:
        call = self._found(data)
        if call is None:
            await self._socket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
        elif data["session_id"] != call.bot.voice_session_id:
            await self._socket.close(code=SESSION_INVALID, message=b"Session is no longer valid.")
        elif call.dave and not data.get("max_dave_protocol_version"):
            await self._socket.close(code=NO_DAVE, message=b"E2EE/DAVE protocol required")
        else:
            self._client_version = data.get("max_dave_protocol_version") or 0
            self._gateway.udp.calls[call.ssrc] = call
            self._attach(call, after=len(call.backlog))
            call.tell(
                2,
                {
                    "ssrc": call.ssrc,
                    "ip": "127.0.0.1",
                    "port": self._gateway.udp.port,
                    "modes": ["aead_aes256_gcm_rtpsize", rtp.MODE],
                    "experiments": [],
                },
            )

    async def _resume(self, data: Json) -> None:
        call = self._found(data)
        if call is None or not call.is_described:
            await self._socket.close(code=SESSION_INVALID, message=b"Session is no longer valid.")
            return
        call.resumes += 1
        missed = max(0, data.get("seq_ack", -1))
        for message in call.backlog[missed:]:
            await self._send(message)
        await self._socket.send_json({"op": 9, "d": None})
        self._attach(call, after=len(call.backlog))

    async def _select(self, call: Call, data: Json) -> None:
        if data["data"]["mode"] != rtp.MODE:
            await self._socket.close(code=UNKNOWN_MODE, message=b"Unknown encryption mode.")
            return
        call.describe(self._client_version)

    async def _beat(self, data: Json) -> None:
        if self._call:
            self._call.heartbeats += 1
        if self._gateway.answers_heartbeats:
            await self._socket.send_json({"op": 6, "d": {"t": data["t"]}})

    def _found(self, data: Json) -> Call | None:
        for call in self._gateway.calls:
            told = (call.token, call.endpoint.split(":")[0], str(call.bot.guild.id))
            if told == (data["token"], self._host, str(data["server_id"])) and not call.is_over:
                return call
        return None

    def _attach(self, call: Call, *, after: int) -> None:
        self._call = call
        call.socket = self._socket
        call.transport = self._transport
        self._writer = asyncio.create_task(self._write(call, after))
        self._gateway.bell.ring()

    async def _write(self, call: Call, position: int) -> None:
        while not call.is_over:
            call.news.clear()
            while position < len(call.backlog):
                position += 1
                await self._send(call.backlog[position - 1])
            await call.news.wait()
        # The client is told over the main gateway; who does not go by itself is shown the door.
        await asyncio.sleep(self._gateway.grace_seconds)
        await self._socket.close(code=call.end_code)

    async def _send(self, message: str | bytes) -> None:
        with contextlib.suppress(ConnectionResetError):
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_str(message)
