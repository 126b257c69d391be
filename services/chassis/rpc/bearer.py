"""A client's token, sent with every call of a channel."""

import re

import grpc
from grpc.aio import ClientCallDetails, Metadata

from services.chassis.errors import InvalidInputError
from services.chassis.settings import HEADER_TEXT


class _Bearer:
    def __init__(self, token: str) -> None:
        self._pair = ("authorization", f"Bearer {token}")

    def _signed(self, details: ClientCallDetails) -> ClientCallDetails:
        metadata = Metadata(*(details.metadata or ()), self._pair)
        return ClientCallDetails(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )


# The four signatures are gRPC's, and so untyped here; it looks at the first of these bases only,
# hence a class for each kind of call.
class _UnaryUnary(_Bearer, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation, client_call_details, request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return await continuation(self._signed(client_call_details), request)


class _UnaryStream(_Bearer, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation, client_call_details, request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return await continuation(self._signed(client_call_details), request)


class _StreamUnary(_Bearer, grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(self, continuation, client_call_details, request_iterator):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return await continuation(self._signed(client_call_details), request_iterator)


class _StreamStream(_Bearer, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(self, continuation, client_call_details, request_iterator):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return await continuation(self._signed(client_call_details), request_iterator)


def bearer_interceptors(token: str) -> list[grpc.aio.ClientInterceptor]:
    """Returns interceptors that sign calls of all four kinds with `token`.

    Raises InvalidInputError for a token that no header can carry.
    """
    if not re.fullmatch(HEADER_TEXT, token):
        message = "The bearer token must be printable ASCII without spaces."
        raise InvalidInputError(message, reason="BAD_TOKEN")
    return [_UnaryUnary(token), _UnaryStream(token), _StreamUnary(token), _StreamStream(token)]
