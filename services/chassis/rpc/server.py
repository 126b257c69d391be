"""The gRPC server of a service: guarded, limited, secured, healthy or not, and drained."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn, cast

import grpc
from grpc_health.v1.health import OVERALL_HEALTH
from grpc_health.v1.health import aio as health
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from services.chassis.errors import UnavailableError
from services.chassis.rpc.addresses import joined, refuse_if_taken
from services.chassis.rpc.auth import BearerToken
from services.chassis.rpc.deadlines import Deadlines
from services.chassis.rpc.grpc_options import server_options
from services.chassis.rpc.guards import Context, Guard, GuardInterceptor, Handler
from services.chassis.rpc.reflection import add_reflection
from services.chassis.rpc.refusing_uploads import heard_out
from services.chassis.rpc.rpc_errors import told_errors
from services.chassis.rpc.rpc_log import observed
from services.chassis.rpc.running_calls import RunningCalls
from services.chassis.rpc.tls import server_credentials
from services.chassis.settings import ServiceSettings

FAREWELL_SECONDS = 1.0
"""How long the last statuses may take to leave after the calls were ended."""


class GrpcServer:
    """Listens from `start` on, serves from `admit` on, and lets running calls end in `drain`."""

    def __init__(self, settings: ServiceSettings) -> None:
        """Takes where to listen, the limits, the certificates and the token."""
        self._settings = settings
        self._calls = RunningCalls()
        self._starting = _StartingInterceptor()
        self._health = health.HealthServicer()
        self._server = grpc.aio.server(
            interceptors=[GuardInterceptor(self._guards()), self._starting],
            options=server_options(settings.max_message_bytes),
        )
        self.address = ""

    async def start(self) -> None:
        """Listens; all is NOT_SERVING. Raises UnavailableError when the port is taken."""
        settings = self._settings
        credentials = server_credentials(settings)
        refuse_if_taken(settings.host, settings.port, settings.variable("port"))
        wanted = joined(settings.host, settings.port)
        try:
            if credentials:
                port = self._server.add_secure_port(wanted, credentials)
            else:
                port = self._server.add_insecure_port(wanted)
        except RuntimeError as error:
            message = f"Cannot listen on {wanted}: {error}"
            raise UnavailableError(message, reason="PORT_TAKEN") from error
        self.address = joined(settings.host, port)
        add_HealthServicer_to_server(self._health, self._server)
        await self._health.set(OVERALL_HEALTH, HealthCheckResponse.NOT_SERVING)
        await self._server.start()

    async def admit(
        self, register: Callable[[grpc.aio.Server], None], service_names: Sequence[str]
    ) -> None:
        """Serves the services from now on, and says so."""
        register(cast("grpc.aio.Server", _LateServer(self._server)))
        add_reflection(self._server, service_names)
        self._starting.is_over = True
        for name in (OVERALL_HEALTH, *service_names):
            await self._health.set(name, HealthCheckResponse.SERVING)

    async def drain(self, seconds: float) -> None:
        """Refuses new calls, gives the running ones `seconds`, and ends what is left.

        Cancelling the wait ends the calls at once.
        """
        await self._health.enter_graceful_shutdown()
        refusing = asyncio.create_task(self._server.stop(seconds + FAREWELL_SECONDS))
        try:
            await self._calls.wait_until_idle(seconds)
        finally:
            self._calls.end()
            await self._server.stop(FAREWELL_SECONDS)
            await refusing

    def _guards(self) -> tuple[Guard, ...]:
        settings = self._settings
        deadlines = Deadlines(settings.unary_deadline_seconds, settings.stream_deadline_seconds)
        token = BearerToken(settings.bearer_token)
        return observed, told_errors, self._calls, deadlines, heard_out, token


class _LateServer:
    """Takes servicers while the server runs: it looks generic handlers up at every call."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self.add_generic_rpc_handlers = server.add_generic_rpc_handlers

    def add_registered_method_handlers(self, *_: object) -> None:
        """Generated code offers the same handlers twice; these come too late, and only faster."""


class _StartingInterceptor(grpc.aio.ServerInterceptor):
    """Asks callers that come before the services are there to come back."""

    def __init__(self) -> None:
        self.is_over = False

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        handler = await continuation(handler_call_details)
        if handler is None and not self.is_over:
            # Reads no request, and so fits every kind of call.
            return grpc.stream_stream_rpc_method_handler(_refuse)
        return handler


async def _refuse(_requests: object, _context: Context) -> NoReturn:
    message = "The service is starting: call it again soon."
    raise UnavailableError(message, reason="STARTING")
