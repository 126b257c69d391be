"""A Discord of one's own for tests: unmodified discord.py runs against it, offline.

    async with a_world() as world:
        bot = commands.Bot("!", intents=..., connector=world.connector())
        async with world.running(bot):
            town, alice = world.guild, world.guild.alice
            await alice.join(town.lounge)
            asked = await alice.say("!say hello")       # or: await alice.slash("say", text="hello")
            answer = await asked.answer()
            listener = await town.listener()
            await listener.heard(frames=10)
            await listener.quiet()
            assert not listener.breaks
            sound = listener.sound()

What it does is what Discord documents, and where discord.py depends on more, what Discord does:
REST, the main gateway, voice websockets (version 8), RTP, and end-to-end encryption with a client
of davey's own for each person in a channel.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import aiohttp
import discord
from aiohttp import web

from tests.discord_double import doors, rest
from tests.discord_double.bell import Bell
from tests.discord_double.calls import Call
from tests.discord_double.dave import DaveGroup
from tests.discord_double.faults import Faults
from tests.discord_double.files import Cdn
from tests.discord_double.gateway import Gateway
from tests.discord_double.guilds import Guild
from tests.discord_double.interactions import Interaction, InteractionKind
from tests.discord_double.journal import Journal
from tests.discord_double.messages import Message
from tests.discord_double.options import Form
from tests.discord_double.payloads import Json
from tests.discord_double.people import Person, User
from tests.discord_double.places import Channel, ChannelKind
from tests.discord_double.snowflakes import Snowflakes
from tests.discord_double.voice_gateway import VoiceGateway
from tests.discord_double.voice_udp import VoiceUdp

if TYPE_CHECKING:
    from tests.discord_double.requests import Request

TOKEN = "token"  # noqa: S105 - of a Discord that lives for one test
_READY_SECONDS = 20.0


class World:
    """Everything there is: guilds, people, messages, and the servers that tell of them."""

    def __init__(
        self,
        *,
        dave: bool,
        message_content: bool,
        token: str,
        voice_latency_seconds: float,
        interaction_seconds: float,
    ) -> None:
        self.dave = dave
        self.message_content = message_content
        self.token = token
        self.interaction_seconds = interaction_seconds
        self.bell = Bell()
        self.snowflakes = Snowflakes()
        self.faults = Faults()
        self.cdn = Cdn()
        self.gateway = Gateway(self)
        self.udp = VoiceUdp()
        self.voice = VoiceGateway(self.udp, self.bell, voice_latency_seconds)
        self.bot = User(self.snowflakes.next(), "reader", is_bot=True)
        self.users = [self.bot]
        self.journal = Journal(self.bell, self.snowflakes, self.cdn, self.bot)
        self.channels: dict[int, Channel] = {}
        self.closed_doors: set[Channel] = set()
        """The direct channels of people who let no bot write to them."""
        self.requests: list[Request] = []
        self.commands: dict[int | None, list[Json]] = {}
        """The slash commands: of each guild, and under None those for all."""
        self.interactions: dict[str, Interaction] = {}
        self._direct: dict[User, Channel] = {}
        self._doors = doors.Doors(self._serve)
        self.guilds: list[Guild] = []
        self.guild = self.add_guild("town")

    @property
    def port(self) -> int:
        """Where all of it listens."""
        return self._doors.port

    @property
    def authority_pem(self) -> bytes:
        """The certificate that a bot in another process has to trust, see doors.connector."""
        return doors.authority().cert_pem.bytes()

    def connector(self) -> aiohttp.TCPConnector:
        """Returns what a discord.py client takes as `connector=`."""
        return doors.connector(self.port, self.authority_pem)

    @contextlib.asynccontextmanager
    async def running(self, client: discord.Client) -> AsyncIterator[discord.Client]:
        """Runs a client until the end of the block; from the start it is ready.

        Raises:
            Exception: Whatever ended the client.
        """
        run = asyncio.create_task(client.start(self.token))
        ready = asyncio.create_task(self._until_ready(client))
        try:
            await asyncio.wait((run, ready), return_when=asyncio.FIRST_COMPLETED)
            if run.done():
                run.result()
            await ready
            yield client
        finally:
            ready.cancel()
            await client.close()
            await asyncio.gather(run, ready, return_exceptions=True)
        if error := run.exception():
            raise error

    def add_guild(self, name: str) -> Guild:
        """Founds a guild with the bot in it; best before the bot runs."""
        guild = Guild(self, name)
        self.guilds.append(guild)
        return guild

    def user(self, name: str, *, is_bot: bool = False) -> User:
        """Returns the user of that name, new or known."""
        for user in self.users:
            if user.name == name:
                return user
        self.users.append(User(self.snowflakes.next(), name, is_bot))
        return self.users[-1]

    def user_of(self, user_id: int) -> User:
        """Returns a user by id."""
        return next(user for user in self.users if user.id == user_id)

    def guild_of(self, guild_id: int) -> Guild:
        """Returns a guild by id."""
        return next(guild for guild in self.guilds if guild.id == guild_id)

    def direct_channel(self, user: User) -> Channel:
        """Returns where the bot and `user` write to each other in private."""
        if user not in self._direct:
            channel = Channel(self.snowflakes.next(), user.name, ChannelKind.DIRECT)
            self._direct[user] = self.channels[channel.id] = channel
        return self._direct[user]

    def form(self, guild: Guild, words: list[str], place: Channel) -> Form:
        """Returns the form of a slash command.

        Raises:
            AssertionError: The bot has declared no such command.
        """
        known = [*self.commands.get(guild.id, []), *self.commands.get(None, [])]
        found = [command for command in known if command["name"] == words[0]]
        assert found, f"no /{words[0]} among {[command['name'] for command in known]}"
        return Form(found[0], words, place, self.journal)

    def interact(
        self,
        person: Person,
        kind: InteractionKind,
        channel: Channel,
        data: Json,
        message: Message | None,
    ) -> Interaction:
        """Somebody clicked; tells the bot."""
        interaction = Interaction(
            self.snowflakes.next(),
            kind,
            person,
            channel,
            data,
            self.journal,
            asyncio.get_running_loop().time() + self.interaction_seconds,
            message,
        )
        self.interactions[interaction.token] = interaction
        self.gateway.dispatch("INTERACTION_CREATE", interaction.payload(self.bot.id))
        return interaction

    def begin_call(self, guild: Guild, channel: Channel, group: DaveGroup | None) -> Call:
        """Gives the bot a voice server."""
        endpoint = f"voice{len(self.voice.calls)}.discord.media:443"
        call = Call(
            guild.bot, channel, endpoint=endpoint, group=group, udp=self.udp, bell=self.bell
        )
        self.voice.calls.append(call)
        return call

    async def open(self) -> None:
        """Lets the bot in."""
        self.udp.open()
        await self._doors.open()

    async def close(self) -> None:
        """Ends it."""
        await self._doors.close()
        self.udp.close()

    async def _until_ready(self, client: discord.Client) -> None:
        # Before login() there is nothing to wait for.
        await self.bell.until(
            lambda: self.gateway.session, "identify", within_seconds=_READY_SECONDS
        )
        async with asyncio.timeout(_READY_SECONDS):
            await client.wait_until_ready()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        host = request.host.split(":")[0]
        if host == "gateway.discord.gg":
            return await self.gateway.serve(request)
        if host.endswith(".discord.media"):
            return await self.voice.serve(request)
        if host.endswith(("discordapp.com", "discordapp.net")):
            return await self.cdn.serve(request)
        return await rest.serve(self, request)


@contextlib.asynccontextmanager
async def a_world(
    *,
    dave: bool = True,
    message_content: bool = True,
    token: str = TOKEN,
    voice_latency_seconds: float = 0.0,
    interaction_seconds: float = 3.0,
) -> AsyncIterator[World]:
    """Opens a world for one test.

    Args:
        dave: Voice is encrypted end to end, and clients that cannot are turned away (4017).
        message_content: The bot may have that privileged intent; else its IDENTIFY is refused.
        token: The right one; another gets 401.
        voice_latency_seconds: How long voice servers take over each message of the bot.
        interaction_seconds: How long the bot has for its first answer to a click; Discord: 3.
    """
    world = World(
        dave=dave,
        message_content=message_content,
        token=token,
        voice_latency_seconds=voice_latency_seconds,
        interaction_seconds=interaction_seconds,
    )
    await world.open()
    try:
        yield world
    finally:
        await world.close()
