"""A line to a server that can be silent, as a network is that loses everything, or be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    def pause(self) -> None:
        """Says nothing any more, and stays connected."""
        self._open.clear()

    def resume(self) -> None:
        """Goes on."""
        self._open.set()

    def cut(self) -> None:
        """Ends all connections and takes no more, as the death of the server does."""
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.transport.abort()

    async def begin(self) -> None:
        """Takes connections."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"nats://{host}:{port}"

    async def end(self) -> None:
        """Ends all connections, and waits until they have: an open one outlives its server."""
        self.resume()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes one connection on until either side ends it."""
        self._ends.append(writer)
        task = asyncio.create_task(self._connect(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:
            await _closed(writer)
            return
        self._ends.append(there[1])
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
            await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def pausable_line(url: str) -> AsyncIterator[PausableLine]:
    """Gives a line to the server at `url`, whose own URL leads there too."""
    line = PausableLine(url)
    await line.begin()
    try:
        yield line
    finally:
        await line.end()
