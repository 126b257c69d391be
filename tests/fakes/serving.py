"""A servicer behind a real gRPC channel, with everything the chassis puts around it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc

from services.chassis.channel import open_channel
from services.chassis.server import GrpcServer
from services.chassis.settings import ServiceSettings


def settings_for_tests(**changed: Any) -> ServiceSettings:
    """Returns settings that touch nothing outside the process."""
    return ServiceSettings(**{"store_url": "file:///nowhere", **changed})


@asynccontextmanager
async def listening(
    register: Callable[[grpc.aio.Server], None],
    *,
    service_names: Sequence[str] = (),
    **changed: Any,
) -> AsyncIterator[GrpcServer]:
    """Serves on a free port of the loopback interface; `changed` are settings."""
    server = GrpcServer(settings_for_tests(**changed))
    await server.start()
    try:
        await server.admit(register, service_names)
        yield server
    finally:
        await server.drain(0)


@asynccontextmanager
async def serving(
    register: Callable[[grpc.aio.Server], None],
    *,
    service_names: Sequence[str] = (),
    **changed: Any,
) -> AsyncIterator[grpc.aio.Channel]:
    """Does so, and gives a channel to it.

    Such as `serving(partial(add_MediaServiceServicer_to_server, servicer))`.
    """
    async with (
        listening(register, service_names=service_names, **changed) as server,
        open_channel(server.address) as channel,
    ):
        yield channel
