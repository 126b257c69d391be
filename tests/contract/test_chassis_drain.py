"""A server comes up in order and goes down in order."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from services.chassis.channel import error_of, open_channel
from services.chassis.errors import ShutdownError, UnavailableError
from services.chassis.healthcheck import is_serving
from services.chassis.rpc.server import GrpcServer
from tests.fakes.echo import KINDS, SERVICE_NAME, EchoService, call, refusal_of, texts_of
from tests.fakes.serving import listening, settings_for_tests

FOREVER_SECONDS = 3600
STREAMING_KINDS = ("UnaryStream", "StreamStream")


class Held:
    """Answers once, and a second time when it is let go."""

    def __init__(self) -> None:
        self.has_begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def respond(self, text: str) -> AsyncIterator[str]:
        yield "first"
        self.has_begun.set()
        await self.may_end.wait()
        yield "last"


def service(held: Held) -> EchoService:
    return EchoService(held.respond)


@pytest.mark.parametrize("kind", KINDS)
async def test_until_the_services_are_there_callers_are_asked_to_come_back(kind: str) -> None:
    server = GrpcServer(settings_for_tests())
    await server.start()
    async with open_channel(server.address) as channel:
        assert not await is_serving(channel)
        error = await refusal_of(channel, kind)
        assert isinstance(error, UnavailableError)
        assert error.reason == "STARTING"
        assert error.retry_after_seconds

        await server.admit(EchoService().register, (SERVICE_NAME,))
        assert await is_serving(channel)
        assert await texts_of(call(channel, kind, "hello")) == ["hello"]
    await server.drain(0)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_running_call_may_end_while_new_ones_are_refused(kind: str) -> None:
    held = Held()
    async with listening(service(held).register) as server, open_channel(server.address) as channel:
        hearing = asyncio.create_task(texts_of(call(channel, kind)))
        await held.has_begun.wait()
        draining = asyncio.create_task(server.drain(FOREVER_SECONDS))
        await asyncio.sleep(0)
        async with open_channel(server.address) as late:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await texts_of(call(late, kind, timeout=20))
        held.may_end.set()

        assert "".join(await hearing) == "firstlast"
        await draining
    assert error_of(caught.value).retryable


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_that_outlasts_the_drain_is_told_why_it_ended(kind: str) -> None:
    held = Held()
    async with listening(service(held).register) as server, open_channel(server.address) as channel:
        hearing = asyncio.create_task(texts_of(call(channel, kind)))
        await held.has_begun.wait()
        await server.drain(0.1)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await hearing

    error = error_of(caught.value)
    assert caught.value.code() is grpc.StatusCode.CANCELLED
    assert isinstance(error, ShutdownError)
    assert error.retry_after_seconds


async def test_somebody_who_watches_the_health_does_not_delay_the_end() -> None:
    async with listening(EchoService().register) as server, open_channel(server.address) as channel:
        watch = channel.unary_stream(
            "/grpc.health.v1.Health/Watch",
            HealthCheckRequest.SerializeToString,
            HealthCheckResponse.FromString,
        )(HealthCheckRequest())
        first = await watch.read()
        assert isinstance(first, HealthCheckResponse)
        assert first.status == HealthCheckResponse.SERVING
        await server.drain(FOREVER_SECONDS)

        assert await watch.code() is grpc.StatusCode.CANCELLED


async def test_a_drain_can_be_cut_short() -> None:
    held = Held()
    async with listening(service(held).register) as server, open_channel(server.address) as channel:
        hearing = asyncio.create_task(texts_of(call(channel, "UnaryUnary")))
        await held.has_begun.wait()
        draining = asyncio.create_task(server.drain(FOREVER_SECONDS))
        await asyncio.sleep(0.1)
        draining.cancel()
        with pytest.raises(grpc.aio.AioRpcError):
            await hearing
        await asyncio.gather(draining, return_exceptions=True)
