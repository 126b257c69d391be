"""The main gateway: what Discord tells the bot as it happens, over lines that break and resume.

https://discord.com/developers/docs/events/gateway
"""

import asyncio
import contextlib
import json
import secrets
import zlib
from typing import TYPE_CHECKING, Any

import discord
from aiohttp import web

from tests.discord_double.payloads import Json, guild_payload, member_payload, user_payload

if TYPE_CHECKING:
    from tests.discord_double.people import Person
    from tests.discord_double.world import World

AUTHENTICATION_FAILED, DISALLOWED_INTENTS, RESUMABLE, SESSION_INVALID = 4004, 4014, 4000, 4006
_CHUNK = 1000
_URL = "wss://gateway.discord.gg"
_HEARD_WITH_MEMBERS = ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE")


class GatewaySession:
    """What was told in one session, so that it can be told again after a RESUME."""

    def __init__(self, bot_id: int, intents: discord.Intents) -> None:
        self.id = secrets.token_hex(8)
        self._bot_id = str(bot_id)
        self.intents = intents
        self.events: list[Json] = []
        """The first has number 1."""
        self.news = asyncio.Event()

    def tell(self, event: str, data: Json) -> None:
        """Notes an event; whoever holds the line sends it."""
        # Of itself a bot is told whatever its intents.
        is_of_others = event in _HEARD_WITH_MEMBERS and data["user"]["id"] != self._bot_id
        if is_of_others and not self.intents.members:
            return
        number = len(self.events) + 1
        self.events.append({"op": 0, "s": number, "t": event, "d": self._visible(event, data)})
        self.news.set()

    def _visible(self, event: str, data: Json) -> Json:
        if not event.startswith("MESSAGE_") or "author" not in data or self.intents.message_content:
            return data
        is_free = "guild_id" not in data or data["author"]["bot"]
        hidden: Json = {"content": "", "attachments": [], "embeds": [], "components": []}
        return data if is_free else data | hidden


class Gateway:
    """All lines of the bot; there is at most one at a time."""

    def __init__(self, world: "World") -> None:
        self.refuses = False
        """While it is set, nobody gets in: the gateway is down."""
        self.answers_heartbeats = True
        self.heartbeat_seconds = 41.25
        self.heartbeats = 0
        self.identifies: list[Json] = []
        self.resumes = 0
        self.presences: list[Json] = []
        self.session: GatewaySession | None = None
        self._world = world
        self._line: _Line | None = None

    @property
    def session_id(self) -> str:
        """The id of the bot's session, which its voice sessions refer to."""
        return self.session.id if self.session else ""

    def dispatch(self, event: str, data: Json) -> None:
        """Tells the bot that something happened; before its first session, nothing."""
        if self.session:
            self.session.tell(event, data)

    async def drop(self, code: int | None = RESUMABLE) -> None:
        """Ends the line: with a close code, or with none as when a cable is cut."""
        if self._line:
            await self._line.drop(code)

    async def reconnect(self) -> None:
        """Op 7: asks the bot to come again."""
        if self._line:
            await self._line.send({"op": 7, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9: the session is no more; with it go the bot's voice sessions."""
        if not resumable:
            self._forget()
        if self._line:
            await self._line.send({"op": 9, "d": resumable})

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Holds one line until it ends."""
        if self.refuses or request.query.get("encoding") != "json":
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        line = _Line(socket, request)
        self._line = line
        interval = round(self.heartbeat_seconds * 1000)
        await line.send({"op": 10, "d": {"heartbeat_interval": interval}})
        try:
            async for message in socket:
                content = json.loads(message.data)
                await self._take(line, content["op"], content.get("d"))
        finally:
            await line.end()
            if self._line is line:
                self._line = None
            self._world.bell.ring()
        return socket

    async def _take(self, line: "_Line", op: int, data: Any) -> None:  # noqa: ANN401 - JSON
        if op == 1:
            self.heartbeats += 1
            if self.answers_heartbeats:
                await line.send({"op": 11, "d": None})
        elif op == 2:
            await self._identify(line, data)
        elif op == 3:
            self.presences.append(data)
        elif op == 4:
            self._voice_state(data)
        elif op == 6:
            await self._resume(line, data)
        elif op == 8:
            self._chunk(data)
        self._world.bell.ring()

    async def _identify(self, line: "_Line", data: Json) -> None:
        self.identifies.append(data)
        intents = discord.Intents._from_value(data["intents"])
        if data["token"] != self._world.token:
            await line.drop(AUTHENTICATION_FAILED)
        elif intents.message_content and not self._world.message_content:
            await line.drop(DISALLOWED_INTENTS)
        else:
            self._forget()
            self.session = GatewaySession(self._world.bot.id, intents)
            self.session.tell("READY", self._ready(self.session))
            for guild in self._world.guilds:
                # Without the intent for presences, the bot is told of itself and who is in voice.
                told = [one for one in guild.people.values() if one is guild.bot or one.channel]
                self.session.tell("GUILD_CREATE", guild_payload(guild, told))
            line.follow(self.session, 0)

    async def _resume(self, line: "_Line", data: Json) -> None:
        known = self.session
        if known is None or data["session_id"] != known.id or data["seq"] > len(known.events):
            await line.send({"op": 9, "d": False})
            return
        self.resumes += 1
        known.tell("RESUMED", {})
        line.follow(known, data["seq"])

    def _forget(self) -> None:
        self.session = None
        for guild in self._world.guilds:
            if guild.bot.channel:
                guild.seat_bot(None, code=SESSION_INVALID)

    def _voice_state(self, data: Json) -> None:
        guild = self._world.guild_of(int(data["guild_id"]))
        guild.bot.self_deaf = bool(data.get("self_deaf"))
        guild.bot.self_mute = bool(data.get("self_mute"))
        channel_id = data["channel_id"]
        guild.asks_to_join(self._world.channels[int(channel_id)] if channel_id else None)

    def _ready(self, session: GatewaySession) -> Json:
        world = self._world
        return {
            "v": 10,
            "user": user_payload(world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in world.guilds],
            "session_id": session.id,
            "resume_gateway_url": _URL,
            "application": {"id": str(world.bot.id), "flags": 0},
        }

    def _chunk(self, data: Json) -> None:
        guild = self._world.guild_of(int(data["guild_id"]))
        found = _asked_for(list(guild.people.values()), data)
        chunks = [found[start : start + _CHUNK] for start in range(0, len(found), _CHUNK)] or [[]]
        for number, chunk in enumerate(chunks):
            told: Json = {
                "guild_id": str(guild.id),
                "members": [member_payload(person) for person in chunk],
                "chunk_index": number,
                "chunk_count": len(chunks),
                "not_found": [],
            }
            self.dispatch("GUILD_MEMBERS_CHUNK", told | {"nonce": data.get("nonce")})


class _Line:
    """One websocket, compressed as a whole (zlib-stream)."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._socket = socket
        self._transport = request.transport
        is_compressed = request.query.get("compress") == "zlib-stream"
        self._compressor = zlib.compressobj() if is_compressed else None
        self._writer: asyncio.Task[None] | None = None

    async def send(self, message: Json) -> None:
        raw = json.dumps(message)
        with contextlib.suppress(ConnectionResetError):
            if self._compressor is None:
                await self._socket.send_str(raw)
                return
            # In one breath: the order of the compressed stream is the order on the line.
            packed = self._compressor.compress(raw.encode())
            await self._socket.send_bytes(packed + self._compressor.flush(zlib.Z_SYNC_FLUSH))

    def follow(self, session: GatewaySession, position: int) -> None:
        """Sends the events after `position`, and all that come."""
        self._writer = asyncio.create_task(self._write(session, position))

    async def drop(self, code: int | None) -> None:
        if code is not None:
            await self._socket.close(code=code)
        elif self._transport:
            self._transport.abort()

    async def end(self) -> None:
        if self._writer:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer

    async def _write(self, session: GatewaySession, position: int) -> None:
        while True:
            session.news.clear()
            while position < len(session.events):
                position += 1
                await self.send(session.events[position - 1])
            await session.news.wait()


def _asked_for(people: "list[Person]", data: Json) -> "list[Person]":
    if wanted := data.get("user_ids"):
        return [person for person in people if str(person.id) in [str(one) for one in wanted]]
    start = (data.get("query") or "").lower()
    limit = data.get("limit") or len(people)
    found = [
        person
        for person in people
        if (person.nickname or person.user.name).lower().startswith(start)
    ]
    return found[:limit]
