"""The guard that measures every call and writes one line about it, never what it said."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import structlog
from prometheus_client import Gauge, Histogram
from structlog.contextvars import bound_contextvars

from services.chassis.rpc.guards import Call
from services.chassis.rpc.rpc_errors import CODES_BY_NUMBER

SECONDS = Histogram(
    "ttstrainer_rpc_seconds",
    "How long RPCs took, by method and status code.",
    ["method", "code"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800),
)
IN_FLIGHT = Gauge("ttstrainer_rpc_in_flight", "RPCs being served.", ["method"])
QUIET_SERVICES = ("grpc.health.", "grpc.reflection.")
"""Asked for every few seconds by machines: logged at debug level."""

log = structlog.get_logger()


@asynccontextmanager
async def observed(call: Call) -> AsyncIterator[None]:
    """Counts, times and logs the call; its request id is on every line logged meanwhile."""
    started = time.perf_counter()
    code = grpc.StatusCode.UNKNOWN
    with (
        bound_contextvars(request_id=call.request_id),
        IN_FLIGHT.labels(call.method).track_inprogress(),
    ):
        try:
            yield
            code = _chosen_code(call)
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        except grpc.aio.AbortError:
            code = _chosen_code(call)
            raise
        finally:
            seconds = time.perf_counter() - started
            SECONDS.labels(call.method, code.name).observe(seconds)
            write = log.debug if call.method.startswith(QUIET_SERVICES) else log.info
            write("rpc.finished", method=call.method, code=code.name, seconds=round(seconds, 4))


def _chosen_code(call: Call) -> grpc.StatusCode:
    """Servicers may set a code without raising; gRPC keeps it as a number, 0 by default."""
    code = call.context.code()
    return code if isinstance(code, grpc.StatusCode) else CODES_BY_NUMBER[int(code or 0)]
