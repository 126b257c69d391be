"""Asks a service whether it serves: `python -m services.chassis.healthcheck [HOST:PORT]`.

Exit code 0 when it does, 1 when it does not. Without an address it asks this machine's
TTSTRAINER_PORT. For TLS set TTSTRAINER_HEALTHCHECK_CA_FILE, for mutual TLS also
..._CERTIFICATE_FILE and ..._KEY_FILE. A bearer token is not needed.
"""

import asyncio
import os
import sys
from pathlib import Path

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from services.chassis.channel import error_of, open_channel
from services.chassis.errors import ServiceError
from services.chassis.settings import PREFIX

CHECK = "/grpc.health.v1.Health/Check"
TIMEOUT_SECONDS = 5.0
DEFAULT_PORT = "50051"


async def is_serving(channel: grpc.aio.Channel, service: str = "") -> bool:
    """Says whether the server serves `service`, or everything it has.

    Raises ServiceError when it cannot be asked.
    """
    request = HealthCheckRequest(service=service)
    check = channel.unary_unary(
        CHECK, HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    try:
        response = await check(request, timeout=TIMEOUT_SECONDS)
    except grpc.aio.AioRpcError as error:
        raise error_of(error) from error
    return response.status == HealthCheckResponse.SERVING


async def problem_at(address: str) -> str:
    """Returns what is wrong with the service at `address`, or an empty text."""
    try:
        async with open_channel(
            address,
            tls_ca_file=_file("CA_FILE"),
            certificate_file=_file("CERTIFICATE_FILE"),
            key_file=_file("KEY_FILE"),
        ) as channel:
            return "" if await is_serving(channel) else "It runs, but does not serve."
    except ServiceError as error:
        return error.message


def main() -> None:
    """Checks the address in the arguments, or the port of the environment on this machine."""
    port = os.environ.get(f"{PREFIX}PORT", DEFAULT_PORT)
    address = sys.argv[1] if len(sys.argv) > 1 else f"127.0.0.1:{port}"
    if problem := asyncio.run(problem_at(address)):
        sys.exit(f"{address}: {problem}")


def _file(name: str) -> Path | None:
    path = os.environ.get(f"{PREFIX}HEALTHCHECK_{name}")
    return Path(path) if path else None


if __name__ == "__main__":
    main()
