"""Asks a service whether it serves."""

from gateway.client.security import Security
from services.chassis import healthcheck
from services.chassis.errors import ServiceError


async def is_serving(address: str, rpc_name: str = "", *, security: Security | None = None) -> bool:
    """Says whether the service at `address` (host:port) reports that it serves."""
    async with (security or Security()).open(address) as channel:
        try:
            return await healthcheck.is_serving(channel, rpc_name)
        except ServiceError:
            return False
