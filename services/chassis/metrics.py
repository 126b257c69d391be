"""The endpoint that Prometheus reads: http://host:port/metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import start_http_server

from services.chassis.rpc.addresses import joined, refuse_if_taken
from services.chassis.settings import ServiceSettings


@asynccontextmanager
async def metrics_endpoint(settings: ServiceSettings) -> AsyncIterator[str]:
    """Serves the process's metrics on a thread, and gives its address, host:port.

    Raises UnavailableError when the port is taken.
    """
    host = settings.host
    refuse_if_taken(host, settings.metrics_port, settings.variable("metrics_port"))
    server, thread = start_http_server(settings.metrics_port, addr=host)
    try:
        yield joined(host, server.server_port)
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        await asyncio.to_thread(thread.join)
