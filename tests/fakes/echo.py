"""A service with one method of each kind, whose behaviour a test decides."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.errors import ServiceError
from services.chassis.rpc.rich_status import CALL_INTERRUPTED, error_of

SERVICE_NAME = "tests.EchoService"
KINDS = ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream")

Respond = Callable[[str], AsyncIterator[str]]
Call = Any
"""One of the four call objects of grpc.aio, which have no base in common."""


async def echoed(text: str) -> AsyncIterator[str]:
    """Answers with what it heard."""
    yield text


class EchoService:
    """All four kinds of methods do what `respond` does with the first request."""

    def __init__(self, respond: Respond = echoed) -> None:
        """Takes what the methods do."""
        self._respond = respond

    def register(self, server: grpc.aio.Server) -> None:
        """Adds the service, as generated code would."""
        handlers = {
            "UnaryUnary": grpc.unary_unary_rpc_method_handler(self._unary, **_CODECS),
            "UnaryStream": grpc.unary_stream_rpc_method_handler(self._stream, **_CODECS),
            "StreamUnary": grpc.stream_unary_rpc_method_handler(self._gathering, **_CODECS),
            "StreamStream": grpc.stream_stream_rpc_method_handler(self._conversation, **_CODECS),
        }
        generic = grpc.method_handlers_generic_handler(SERVICE_NAME, handlers)
        server.add_generic_rpc_handlers((generic,))

    async def _unary(self, request: StringValue, context: object) -> StringValue:
        texts = [text async for text in self._respond(request.value)]
        return StringValue(value="".join(texts))

    async def _stream(self, request: StringValue, context: object) -> AsyncIterator[StringValue]:
        async for text in self._respond(request.value):
            yield StringValue(value=text)

    async def _gathering(
        self, requests: AsyncIterator[StringValue], context: object
    ) -> StringValue:
        return await self._unary(await anext(requests), context)

    async def _conversation(
        self, requests: AsyncIterator[StringValue], context: object
    ) -> AsyncIterator[StringValue]:
        async for text in self._respond((await anext(requests)).value):
            yield StringValue(value=text)


def call(channel: grpc.aio.Channel, kind: str, text: str = "", **options: object) -> Call:
    """Starts a call of this kind and returns it; `texts_of` hears its end."""
    request = StringValue(value=text)
    given = iter([request]) if kind.startswith("Stream") else request
    return stub_of(channel, kind)(given, **options)


def stub_of(channel: grpc.aio.Channel, kind: str) -> Callable[..., Call]:
    """Returns what starts a call of this kind."""
    request_stream, response_stream = kind.startswith("Stream"), kind.endswith("Stream")
    method: Callable[..., Call] = getattr(
        channel, f"{_word(request_stream)}_{_word(response_stream)}"
    )(
        f"/{SERVICE_NAME}/{kind}",
        request_serializer=StringValue.SerializeToString,
        response_deserializer=StringValue.FromString,
    )
    return method


async def texts_of(started: Call) -> list[str]:
    """Waits for the end of a call and returns what it answered."""
    if hasattr(started, "__aiter__"):
        return [response.value async for response in started]
    return [(await started).value]


async def refusal_of(
    channel: grpc.aio.Channel, kind: str, text: str = "", **options: object
) -> ServiceError:
    """Makes a call that must fail, as a patient client would, and returns the error.

    gRPC loses the status of some calls that are refused while they are sent; those it repeats.
    """
    while True:
        try:
            await texts_of(call(channel, kind, text, **options))
        except grpc.aio.AioRpcError as failure:
            error = error_of(failure)
            if error.reason != CALL_INTERRUPTED:
                return error
        else:
            raise AssertionError("the call did not fail")


def _word(streams: bool) -> str:
    return "stream" if streams else "unary"


_CODECS: dict[str, Any] = {
    "request_deserializer": StringValue.FromString,
    "response_serializer": StringValue.SerializeToString,
}
