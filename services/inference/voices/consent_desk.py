"""Asks the dataset service, which keeps the consents, whether a voice may be cloned."""

from dataclasses import dataclass
from typing import Protocol

import grpc

from services.chassis.channel import error_of
from services.chassis.errors import ConflictError, NotFoundError
from ttstrainer.dataset.v1 import consent_service_pb2 as pb
from ttstrainer.dataset.v1.consent_service_pb2_grpc import ConsentServiceStub

DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Consent:
    """What a consent allows."""

    allows_cloning: bool
    is_withdrawn: bool


class ConsentDesk(Protocol):
    """Whoever knows the consents."""

    async def consent(self, consent_id: str) -> Consent | None:
        """Returns a consent as it is now, None when there is none of this id.

        Raises UnavailableError when nobody answers.
        """


class RemoteConsentDesk:
    """ConsentDesk over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Asks the ConsentService at the other end of `channel`."""
        self._stub = ConsentServiceStub(channel)

    async def consent(self, consent_id: str) -> Consent | None:
        """See ConsentDesk."""
        request = pb.GetConsentRequest(consent_id=consent_id)
        try:
            response = await self._stub.GetConsent(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as failure:
            error = error_of(failure)
            if isinstance(error, NotFoundError):
                return None
            raise error from failure
        found = response.consent
        allows_cloning = pb.CONSENT_PURPOSE_CLONING in found.purposes
        return Consent(allows_cloning, found.HasField("withdraw_time"))


async def require_consent(desk: ConsentDesk, consent_id: str) -> None:
    """Raises ConflictError without a consent to cloning that holds."""
    consent = await desk.consent(consent_id) if consent_id else None
    if consent is None:
        message = (
            f"There is no consent {consent_id!r}: a voice is cloned with its speaker's consent "
            "alone; record it with GrantConsent first."
        )
        raise ConflictError(message, reason="CONSENT_MISSING", field="header.consent_id")
    if consent.is_withdrawn:
        message = f"The consent {consent_id!r} was withdrawn: the voice must not be cloned."
        raise ConflictError(message, reason="CONSENT_WITHDRAWN", field="header.consent_id")
    if not consent.allows_cloning:
        message = (
            f"The consent {consent_id!r} does not allow cloning: ask the speaker, and record "
            "another one with that purpose."
        )
        raise ConflictError(message, reason="CONSENT_PURPOSE", field="header.consent_id")
