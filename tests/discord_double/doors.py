"""The way into the double: discord.py's own `connector=`, and certificates for Discord's names."""

import asyncio
import functools
import socket
import ssl

import aiohttp
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.typedefs import Handler

HOSTS = (
    "discord.com",
    "gateway.discord.gg",
    "cdn.discordapp.com",
    "media.discordapp.net",
    "*.discord.media",
)


OWN_NAMES = ("discord.com", "discord.gg", "discordapp.com", "discordapp.net", ".discord.media")


@functools.cache
def authority() -> trustme.CA:
    """Who signs the certificates: one for all worlds of a process."""
    return trustme.CA()


def connector(port: int, authority_pem: bytes) -> aiohttp.TCPConnector:
    """Returns what leads every name of Discord's to `port` here, and trusts its certificate."""
    context = ssl.create_default_context(cadata=authority_pem.decode())
    return aiohttp.TCPConnector(limit=0, ssl=context, resolver=_Resolver(port), use_dns_cache=False)


class _Resolver(AbstractResolver):
    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not host.endswith(OWN_NAMES):
            raise OSError(None, f"{host} is none of Discord's names")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        """There is nothing to close."""


class Doors:
    """A TLS server under all names of Discord's."""

    def __init__(self, handler: Handler) -> None:
        application = web.Application(client_max_size=64 << 20)
        application.router.add_route("*", "/{path:.*}", handler)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        self.port = 0

    async def open(self) -> None:
        """Listens on a free port."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority().issue_cert(*HOSTS).configure_cert(context)
        await self._runner.setup()
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.port = int(listening.getsockname()[1])
        await web.SockSite(self._runner, listening, ssl_context=context).start()

    async def close(self) -> None:
        """Ends every connection."""
        await self._runner.cleanup()
        await asyncio.sleep(0)
