"""A servicer behind a real gRPC channel, with everything the chassis puts around it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import grpc

from services.chassis.channel import open_channel
from services.chassis.rpc.server import GrpcServer
from services.chassis.settings import ServiceSettings


def settings_for_tests(changed: Mapping[str, object] | None = None) -> ServiceSettings:
    """Returns settings that touch nothing outside the process."""
    return ServiceSettings.model_validate({"store_url": "file:///nowhere", **(changed or {})})


@asynccontextmanager
async def listening(
    register: Callable[[grpc.aio.Server], None],
    *,
    service_names: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
) -> AsyncIterator[GrpcServer]:
    """Serves on a free port of the loopback interface; `settings` differ from the defaults."""
    server = GrpcServer(settings_for_tests(settings))
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
    settings: Mapping[str, object] | None = None,
    reads_in_pace: bool = False,
) -> AsyncIterator[grpc.aio.Channel]:
    """Does so, and gives a channel to it.

    Such as `serving(partial(add_MediaServiceServicer_to_server, servicer))`.
    """
    async with (
        listening(register, service_names=service_names, settings=settings) as server,
        open_channel(server.address, reads_in_pace=reads_in_pace) as channel,
    ):
        yield channel
