"""What surrounds every RPC, whichever of the four kinds it is."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import grpc

REQUEST_ID_HEADER = "x-request-id"
MAX_REQUEST_ID_CHARACTERS = 128

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
else:  # generic in the stubs alone
    Context = grpc.aio.ServicerContext
    Handler = grpc.RpcMethodHandler


@dataclass(frozen=True, slots=True)
class Call:
    """One RPC being served."""

    method: str
    """With dots, such as `ttstrainer.media.v1.MediaService.ProbeMedia`."""
    streams_requests: bool
    streams_responses: bool
    request_id: str
    """From the header x-request-id, or made here; sent back in the trailing metadata."""
    context: Context


Guard = Callable[[Call], AbstractAsyncContextManager[None]]
"""Entered before the servicer's method and left after it, with the error if there was one."""


class GuardInterceptor(grpc.aio.ServerInterceptor):
    """Runs every RPC inside the same guards.

    The wrapped handlers are coroutines that write their responses, also where the servicer is an
    async generator: gRPC leaves a generator suspended when the client goes away, a coroutine is
    cancelled, and the generator inside is closed at once.
    """

    def __init__(self, guards: Sequence[Guard]) -> None:
        """Takes the guards from the outermost to the innermost."""
        self._guards = tuple(guards)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Returns the method's handler inside the guards, or None for an unknown method."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        return guarded(handler, handler_call_details.method, self._guards)


def guarded(handler: Handler, path: str, guards: Sequence[Guard]) -> Handler:
    """Returns a handler of the same kind that runs `handler` inside `guards`."""
    method = path.removeprefix("/").replace("/", ".")
    kind = _kind(streams_requests=handler.request_streaming, streams=handler.response_streaming)
    behaviour = getattr(handler, kind)

    async def serve(request: object, context: Context) -> object:
        call = Call(
            method,
            handler.request_streaming,
            handler.response_streaming,
            _request_id(context),
            context,
        )
        context.set_trailing_metadata(((REQUEST_ID_HEADER, call.request_id),))
        async with AsyncExitStack() as entered:
            for guard in guards:
                await entered.enter_async_context(guard(call))
            answer = behaviour(request, context)
            if not hasattr(answer, "__aiter__"):
                return await answer
            async with aclosing(answer) as responses:
                async for response in responses:
                    await context.write(response)
        return None

    make = getattr(grpc, f"{kind}_rpc_method_handler")
    return cast("Handler", make(serve, handler.request_deserializer, handler.response_serializer))


def _kind(*, streams_requests: bool, streams: bool) -> str:
    return f"{'stream' if streams_requests else 'unary'}_{'stream' if streams else 'unary'}"


def _request_id(context: Context) -> str:
    for name, value in context.invocation_metadata() or ():
        text = str(value)
        if name == REQUEST_ID_HEADER and text.isprintable():
            return text[:MAX_REQUEST_ID_CHARACTERS]
    return uuid4().hex
