"""The consent service behind a real channel, over a store in memory."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import grpc

from services.chassis.bus import Bus
from services.dataset.consents.consenting import Consenting
from services.dataset.consents.consents import Consents
from services.dataset.consents.evidence import Evidence
from services.dataset.consents.servicer import ConsentServicer
from services.dataset.consents.withdrawals import Withdrawals
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.bus import InMemoryBus
from tests.fakes.listener import FakeListener
from tests.fakes.serving import serving
from ttstrainer.dataset.v1 import consent_service_pb2 as pb
from ttstrainer.dataset.v1.consent_service_pb2_grpc import (
    ConsentServiceStub,
    add_ConsentServiceServicer_to_server,
)


@dataclass(frozen=True, slots=True)
class ConsentService:
    """The service, and what it keeps, hears and says."""

    stub: ConsentServiceStub
    store: InMemoryArtifacts
    bus: InMemoryBus
    listener: FakeListener
    channel: grpc.aio.Channel

    async def grant(self, speaker_name: str = "Ada Lovelace", **fields: object) -> pb.Consent:
        """Grants a written consent to cloning, but for what is said otherwise."""
        given = {"purposes": [pb.CONSENT_PURPOSE_CLONING], **fields}
        if not {"text_statement", "audio_statement", "audio_statement_uri"} & set(given):
            given["text_statement"] = "I agree that my voice is cloned."
        request = pb.GrantConsentRequest(speaker_name=speaker_name, **given)  # type: ignore[arg-type]
        return (await self.stub.GrantConsent(request)).consent

    async def get(self, consent_id: str) -> pb.Consent:
        """Returns a consent."""
        return (await self.stub.GetConsent(pb.GetConsentRequest(consent_id=consent_id))).consent

    async def withdraw(self, consent_id: str, reason: str = "I changed my mind.") -> pb.Consent:
        """Ends a consent."""
        request = pb.WithdrawConsentRequest(consent_id=consent_id, reason=reason)
        return (await self.stub.WithdrawConsent(request)).consent


@asynccontextmanager
async def consent_service(
    store: InMemoryArtifacts | None = None,
    bus: Bus | None = None,
) -> AsyncIterator[ConsentService]:
    """Serves for as long as the block runs; the clock goes on a second whenever it is asked."""
    kept, own_bus, listener = store or InMemoryArtifacts(), InMemoryBus(), FakeListener()
    seconds = itertools.count()

    def now() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(seconds))

    consenting = Consenting(
        Consents(kept, now), Evidence(kept, listener, 0.8), Withdrawals(kept), bus or own_bus
    )
    servicer = ConsentServicer(consenting)
    async with serving(partial(add_ConsentServiceServicer_to_server, servicer)) as channel:
        yield ConsentService(ConsentServiceStub(channel), kept, own_bus, listener, channel)
