"""Who is refused while they still send hears why: gRPC by itself now and then loses the status."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.channel import error_of
from services.chassis.errors import ConflictError
from tests.fakes.echo import EchoService, stub_of, texts_of
from tests.fakes.serving import serving

STREAMING = ("StreamUnary", "StreamStream")
UPLOAD_COUNT = 60
PIECE = StringValue(value="x" * 50_000)


async def refusing(text: str) -> AsyncIterator[str]:
    raise ConflictError("No consent.", reason="CONSENT_MISSING")
    yield text


@pytest.mark.parametrize("kind", STREAMING)
async def test_the_reason_reaches_a_client_that_is_still_sending(kind: str) -> None:
    async def pieces() -> AsyncIterator[StringValue]:
        for _ in range(20):
            yield PIECE
            await asyncio.sleep(0)

    async with serving(EchoService(refusing).register) as channel:
        reasons = [await refused(channel, kind, pieces()) for _ in range(UPLOAD_COUNT)]
    assert reasons == ["CONSENT_MISSING"] * UPLOAD_COUNT


@pytest.mark.parametrize("kind", STREAMING)
async def test_who_brings_no_token_is_told_so_while_still_sending(kind: str) -> None:
    async def pieces() -> AsyncIterator[StringValue]:
        for _ in range(20):
            yield PIECE
            await asyncio.sleep(0)

    closed = {"bearer_token": "a-token-of-some-length"}
    async with serving(EchoService().register, settings=closed) as channel:
        reasons = [await refused(channel, kind, pieces()) for _ in range(UPLOAD_COUNT)]
    assert reasons == ["UNAUTHENTICATED"] * UPLOAD_COUNT


@pytest.mark.parametrize("kind", STREAMING)
async def test_who_never_stops_sending_is_not_heard_out(kind: str) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[StringValue]:
        nonlocal sent
        while True:
            yield PIECE
            sent += 1
            await asyncio.sleep(0.001)

    async with serving(EchoService(refusing).register) as channel:
        async with asyncio.timeout(20):
            await refused(channel, kind, pieces())
        assert sent > 0


@pytest.mark.parametrize("kind", STREAMING)
async def test_who_pauses_hears_the_reason_meanwhile(kind: str) -> None:
    heard = asyncio.Event()

    async def pieces() -> AsyncIterator[StringValue]:
        yield PIECE
        await heard.wait()

    async with serving(EchoService(refusing).register) as channel, asyncio.timeout(20):
        assert await refused(channel, kind, pieces()) == "CONSENT_MISSING"
    heard.set()


async def refused(channel: grpc.aio.Channel, kind: str, pieces: AsyncIterator[StringValue]) -> str:
    """Sends the pieces and returns the reason of the refusal."""
    call = stub_of(channel, kind)(pieces)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await texts_of(call)
    return error_of(failure.value).reason
