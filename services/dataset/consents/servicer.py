"""ConsentService over gRPC: translation only."""

from dataclasses import dataclass
from typing import Any

import grpc

from services.dataset.consents.consenting import Consenting
from services.dataset.consents.evidence import required_statement
from ttstrainer.dataset.v1 import consent_service_pb2 as pb
from ttstrainer.dataset.v1.consent_service_pb2_grpc import ConsentServiceServicer

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class ConsentServicer(ConsentServiceServicer):
    """Answers the RPCs with the use cases."""

    consenting: Consenting

    async def GrantConsent(
        self, request: pb.GrantConsentRequest, context: Context
    ) -> pb.GrantConsentResponse:
        """See the contract."""
        return pb.GrantConsentResponse(consent=await self.consenting.grant(request))

    async def GetConsent(
        self, request: pb.GetConsentRequest, context: Context
    ) -> pb.GetConsentResponse:
        """See the contract."""
        consent = await self.consenting.consents.get(request.consent_id)
        return pb.GetConsentResponse(consent=consent)

    async def ListConsents(
        self, request: pb.ListConsentsRequest, context: Context
    ) -> pb.ListConsentsResponse:
        """See the contract."""
        return await self.consenting.page(request)

    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, context: Context
    ) -> pb.WithdrawConsentResponse:
        """See the contract."""
        return pb.WithdrawConsentResponse(consent=await self.consenting.withdraw(request))

    async def GetStatement(
        self, request: pb.GetStatementRequest, context: Context
    ) -> pb.GetStatementResponse:
        """See the contract."""
        statement = required_statement(request.speaker_name, request.language_code)
        return pb.GetStatementResponse(statement=statement)
