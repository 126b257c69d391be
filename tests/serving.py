"""Puts servicers behind a real gRPC server with the chassis' guards, and a channel to it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import grpc

from services.chassis.channel import open_channel
from services.chassis.server import GrpcServer
from services.chassis.settings import ServiceSettings


@asynccontextmanager
async def served(
    register: Callable[[grpc.aio.Server], None], service_names: Sequence[str] = ()
) -> AsyncIterator[grpc.aio.Channel]:
    """Serves on a free port of the loopback for as long as the block runs."""
    server = GrpcServer(ServiceSettings(store_url="file:///unused", port=0))
    await server.start()
    try:
        await server.admit(register, service_names)
        async with open_channel(server.address) as channel:
            yield channel
    finally:
        await server.drain(0)
