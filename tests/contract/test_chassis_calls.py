"""What surrounds every RPC: cancellation, deadlines, limits, the token, logs and metrics."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.chassis.channel import open_channel
from services.chassis.errors import InvalidInputError, UnauthenticatedError
from services.chassis.healthcheck import is_serving
from services.chassis.rpc.deadlines import remaining_seconds
from tests.eventually import eventually
from tests.fakes.echo import KINDS, SERVICE_NAME, EchoService, call, refusal_of, texts_of
from tests.fakes.serving import listening, serving, settings_for_tests

STREAMING_KINDS = ("UnaryStream", "StreamStream")
FOREVER_SECONDS = 3600
TOKEN = "s3cret"  # noqa: S105 - nobody else's
CLOSED = {"bearer_token": TOKEN}


class Patient:
    """Answers once and then works for ever, as far as nobody stops it."""

    def __init__(self) -> None:
        self.has_begun = asyncio.Event()
        self.was_ended = asyncio.Event()

    async def respond(self, text: str) -> AsyncIterator[str]:
        try:
            yield text
            self.has_begun.set()
            await asyncio.sleep(FOREVER_SECONDS)
        finally:
            self.was_ended.set()


def _raw(method: Any) -> Callable[[object], Any]:  # noqa: ANN401 - the stubs know no plain bytes
    return cast("Callable[[object], Any]", method)


async def code_of(started: object) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await texts_of(started)
    return caught.value.code()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_answers_and_brings_its_request_id_back(kind: str) -> None:
    async with serving(EchoService().register) as channel:
        started = call(channel, kind, "hello", metadata=(("x-request-id", "run-7"),))

        assert await texts_of(started) == ["hello"]
        assert ("x-request-id", "run-7") in list(await started.trailing_metadata())


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_that_cancels_ends_the_work(kind: str) -> None:
    patient = Patient()
    async with serving(EchoService(patient.respond).register) as channel:
        with capture_logs() as logs:
            started = call(channel, kind)
            hearing = asyncio.create_task(texts_of(started))
            await patient.has_begun.wait()
            started.cancel()
            await asyncio.wait_for(patient.was_ended.wait(), 20)
            await asyncio.gather(hearing, return_exceptions=True)
            await eventually(lambda: logs)

    assert [line["code"] for line in logs] == ["CANCELLED"]


@pytest.mark.parametrize("kind", STREAMING_KINDS)
async def test_a_client_that_leaves_while_responses_pile_up_ends_the_generator_at_once(
    kind: str,
) -> None:
    was_ended = asyncio.Event()
    sent_count = 0

    async def flood(text: str) -> AsyncIterator[str]:
        nonlocal sent_count
        try:
            while True:
                yield "x" * 100_000
                sent_count += 1
        finally:
            was_ended.set()

    async with serving(EchoService(flood).register) as channel:
        started = call(channel, kind)
        await started.read()
        before = -1
        while before != sent_count:  # until flow control holds the servicer in a write
            before = sent_count
            await asyncio.sleep(0.2)
        started.cancel()
        await asyncio.wait_for(was_ended.wait(), 20)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_client_s_deadline_ends_the_work(kind: str) -> None:
    patient = Patient()
    async with serving(EchoService(patient.respond).register) as channel:
        assert await code_of(call(channel, kind, timeout=1.0)) is (
            grpc.StatusCode.DEADLINE_EXCEEDED
        )
        await asyncio.wait_for(patient.was_ended.wait(), 20)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_without_a_deadline_gets_the_server_s_own(kind: str) -> None:
    patient = Patient()
    own = "stream_deadline_seconds" if kind.endswith("Stream") else "unary_deadline_seconds"
    async with serving(EchoService(patient.respond).register, settings={own: 0.3}) as channel:
        assert await code_of(call(channel, kind)) is grpc.StatusCode.DEADLINE_EXCEEDED
        assert patient.was_ended.is_set()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_use_case_can_ask_how_much_time_is_left(kind: str) -> None:
    async def tell(text: str) -> AsyncIterator[str]:
        yield str(remaining_seconds())

    async with serving(
        EchoService(tell).register,
        settings={"unary_deadline_seconds": 50, "stream_deadline_seconds": 50},
    ) as channel:
        (given,) = await texts_of(call(channel, kind, timeout=20))
        (default,) = await texts_of(call(channel, kind))

    assert 10 < float(given) < 21  # gRPC rounds deadlines up
    assert 40 < float(default) <= 50
    assert remaining_seconds() is None


@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_over_the_limit_is_refused_both_ways(kind: str) -> None:
    async def enlarge(text: str) -> AsyncIterator[str]:
        yield text * 100

    async with serving(
        EchoService(enlarge).register, settings={"max_message_bytes": 10_000}
    ) as channel:
        assert await code_of(call(channel, kind, "x" * 20_000)) is (
            grpc.StatusCode.RESOURCE_EXHAUSTED
        )
        assert await code_of(call(channel, kind, "x" * 1000)) is (
            grpc.StatusCode.RESOURCE_EXHAUSTED
        )
        assert await texts_of(call(channel, kind, "x")) == ["x" * 100]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_needs_the_token_where_there_is_one(kind: str) -> None:
    async with listening(EchoService().register, settings=CLOSED) as server:
        for wrong in (None, "s3cre", "s3crets", "S3CRET"):
            async with open_channel(server.address, bearer_token=wrong) as channel:
                assert isinstance(await refusal_of(channel, kind), UnauthenticatedError)
        async with open_channel(server.address, bearer_token=TOKEN) as channel:
            assert await texts_of(call(channel, kind, "hello")) == ["hello"]


async def test_a_token_that_no_header_can_carry_is_refused_on_both_sides() -> None:
    with pytest.raises(InvalidInputError, match="ASCII"):
        open_channel("127.0.0.1:1", bearer_token=f"{TOKEN}é")
    with pytest.raises(ValueError, match="bearer_token"):
        settings_for_tests({"bearer_token": "two words"})


async def test_health_can_be_asked_without_the_token_and_reflection_cannot() -> None:
    reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    async with serving(EchoService().register, settings=CLOSED) as channel:
        assert await is_serving(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _raw(channel.stream_stream(reflection))(iter([b""])).read()
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_is_logged_in_one_line_that_holds_nothing_of_its_content(kind: str) -> None:
    began = time.monotonic()
    async with serving(EchoService().register) as channel:
        with capture_logs() as logs:
            await texts_of(
                call(channel, kind, "a secret text", metadata=(("x-request-id", "run-7"),))
            )
            await eventually(lambda: logs)

    (line,) = logs
    assert line["event"] == "rpc.finished"
    assert line["method"] == f"{SERVICE_NAME}.{kind}"
    assert line["code"] == "OK"
    assert 0 <= line["seconds"] <= time.monotonic() - began
    assert set(line) == {"event", "method", "code", "seconds", "log_level"}


@pytest.mark.parametrize("kind", KINDS)
async def test_calls_are_measured_by_method_and_code(kind: str) -> None:
    patient = Patient()
    labels = {"method": f"{SERVICE_NAME}.{kind}"}
    finished = {**labels, "code": "DEADLINE_EXCEEDED"}

    def count() -> float:
        return REGISTRY.get_sample_value("ttstrainer_rpc_seconds_count", finished) or 0

    def in_flight() -> float | None:
        return REGISTRY.get_sample_value("ttstrainer_rpc_in_flight", labels)

    before = count()
    deadlines = {"unary_deadline_seconds": 0.5, "stream_deadline_seconds": 0.5}
    async with serving(EchoService(patient.respond).register, settings=deadlines) as channel:
        hearing = asyncio.create_task(code_of(call(channel, kind)))
        await patient.has_begun.wait()
        assert in_flight() == 1
        await hearing
        await eventually(lambda: count() == before + 1)
        assert in_flight() == 0


async def test_an_unknown_method_is_unimplemented() -> None:
    async with serving(EchoService().register) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _raw(channel.unary_unary(f"/{SERVICE_NAME}/Nothing"))(b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_each_service_and_the_whole_have_a_health() -> None:
    async with serving(EchoService().register, service_names=(SERVICE_NAME,)) as channel:
        assert await is_serving(channel)
        assert await is_serving(channel, SERVICE_NAME)
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            HealthCheckRequest.SerializeToString,
            HealthCheckResponse.FromString,
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await check(HealthCheckRequest(service="tests.Other"))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
