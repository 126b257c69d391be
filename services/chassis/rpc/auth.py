"""The guard that asks for the bearer token."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from services.chassis.errors import UnauthenticatedError
from services.chassis.rpc.guards import Call

OPEN_SERVICE = "grpc.health.v1.Health."
"""Probes of kubelets and load balancers cannot bring a token. Reflection, asked by people who
have one (`grpcurl -H 'authorization: Bearer ...'`), is closed like the rest."""


class BearerToken:
    """Lets in who brings `authorization: Bearer <token>`; an empty token lets everybody in."""

    def __init__(self, token: SecretStr) -> None:
        """Takes the token that all clients share."""
        self._expected = f"Bearer {token.get_secret_value()}".encode()
        self._needed = bool(token.get_secret_value())

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        """Refuses the call before the servicer sees it."""
        if self._needed and not call.method.startswith(OPEN_SERVICE):
            metadata = dict(call.context.invocation_metadata() or ())
            brought = str(metadata.get("authorization", "")).encode()
            if not hmac.compare_digest(brought, self._expected):
                message = "This service needs a bearer token: none came, or it is a wrong one."
                raise UnauthenticatedError(message)
        yield
