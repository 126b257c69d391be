"""A line to a server that can be silent, as a network is that loses everything, or be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

READ_BYTES = 1 << 16


class PausableLine:
    """Passes bytes on, both ways, unless it is paused; what came meanwhile is passed on later."""

    def __init__(self, url: str) -> None:
        """Leads to the server at `url`."""
        self._target = urlsplit(url)
        self._open = asyncio.Event()
        self._open.set()
        self._ends: list[asyncio.StreamWriter] = []
        self.url = ""

    def pause(self) -> None:
        """Says nothing any more, and stays connected."""
        self._open.clear()

    def resume(self) -> None:
        """Goes on."""
        self._open.set()

    def cut(self) -> None:
        """Ends all connections, as the death of the server does."""
        for end in self._ends:
            end.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes one connection on until either side ends it."""
        there = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._ends += [writer, there[1]]
        both = (self._pass(reader, there[1]), self._pass(there[0], writer))
        await asyncio.gather(*both)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(READ_BYTES):
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def pausable_line(url: str) -> AsyncIterator[PausableLine]:
    """Gives a line to the server at `url`, whose own URL leads there too."""
    line = PausableLine(url)
    async with await asyncio.start_server(line.serve, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()[:2]
        line.url = f"nats://{host}:{port}"
        yield line
        line.resume()
