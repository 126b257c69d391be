"""ConsentService as a client sees it: records in memory, and voices that hear of withdrawals."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import grpc

from services.chassis.errors import NotFoundError, ServiceError
from tests.fakes.voice_service import FakeVoices
from ttstrainer.dataset.v1 import consent_service_pb2 as consent_pb
from ttstrainer.dataset.v1 import consent_service_pb2_grpc as consent_rpc
from ttstrainer.inference.v1 import voice_service_pb2 as voice_pb

Context = grpc.aio.ServicerContext[Any, Any]
WORDS = "I agree that synthetic speech is made with my voice."


@dataclass
class FakeConsents(consent_rpc.ConsentServiceServicer):
    """Keeps consents; voices that rest on a withdrawn one fall silent at the second look."""

    voices: FakeVoices
    consents: dict[str, consent_pb.Consent] = field(default_factory=dict)
    requests: list[consent_pb.GrantConsentRequest] = field(default_factory=list)
    refusals: list[ServiceError] = field(default_factory=list)
    """What to answer to withdrawals first."""
    granted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a consent is kept; the answer takes `answer_seconds` more."""
    answer_seconds: float = 0.0

    async def GrantConsent(
        self, request: consent_pb.GrantConsentRequest, context: Context
    ) -> consent_pb.GrantConsentResponse:
        """See the contract."""
        self.requests.append(request)
        consent = consent_pb.Consent(
            consent_id=f"consent-{len(self.requests)}",
            speaker_name=request.speaker_name,
            purposes=request.purposes,
            recorded_by=request.recorded_by,
            dataset_ids=request.dataset_ids,
            evidence=consent_pb.ConsentEvidence(statement=request.text_statement or WORDS),
        )
        self.consents[consent.consent_id] = consent
        self.granted.set()
        await asyncio.sleep(self.answer_seconds)
        return consent_pb.GrantConsentResponse(consent=consent)

    async def GetConsent(
        self, request: consent_pb.GetConsentRequest, context: Context
    ) -> consent_pb.GetConsentResponse:
        """See the contract."""
        return consent_pb.GetConsentResponse(consent=self._known(request.consent_id))

    async def ListConsents(
        self, request: consent_pb.ListConsentsRequest, context: Context
    ) -> consent_pb.ListConsentsResponse:
        """See the contract."""
        return consent_pb.ListConsentsResponse(consents=self.consents.values())

    async def WithdrawConsent(
        self, request: consent_pb.WithdrawConsentRequest, context: Context
    ) -> consent_pb.WithdrawConsentResponse:
        """See the contract; its voices hear of it a moment later."""
        if self.refusals:
            raise self.refusals.pop(0)
        consent = self._known(request.consent_id)
        consent.withdraw_reason = request.reason
        consent.withdraw_time.GetCurrentTime()

        def hear() -> None:
            for voice in self.voices.voices.values():
                if voice.consent_id == consent.consent_id:
                    voice.state = voice_pb.VOICE_STATE_WITHDRAWN

        asyncio.get_running_loop().call_later(0.05, hear)
        return consent_pb.WithdrawConsentResponse(consent=consent)

    async def GetStatement(
        self, request: consent_pb.GetStatementRequest, context: Context
    ) -> consent_pb.GetStatementResponse:
        """See the contract."""
        return consent_pb.GetStatementResponse(statement=WORDS)

    def _known(self, consent_id: str) -> consent_pb.Consent:
        if consent_id not in self.consents:
            message = f"There is no consent {consent_id}: `tts-trainer consents list` shows them."
            raise NotFoundError(message)
        return self.consents[consent_id]
