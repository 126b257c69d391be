"""A consent that is withdrawn silences voices over a real NATS server, also later."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.errors import ConflictError
from services.chassis.messaging.jetstream import JetStreamLink
from services.inference.voices.consent_desk import RemoteConsentDesk
from tests.consent_service import ConsentService, consent_service
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts
from tests.jetstream_links import linked
from tests.servers import NatsServer
from tests.voice_service import voice_service

HOUR = 3600.0
"""So that nothing but events tells of withdrawals."""


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(nats_server.url) as link:
        yield link


@pytest.fixture
async def consents(link: JetStreamLink) -> AsyncIterator[ConsentService]:
    async with consent_service(bus=link.bus) as service:
        yield service


async def test_a_withdrawn_consent_silences_its_voice_in_all_processes(
    link: JetStreamLink, consents: ConsentService, tmp_path: Path
) -> None:
    store, desk = InMemoryArtifacts(), RemoteConsentDesk(consents.channel)
    consent_id = (await consents.grant()).consent_id
    async with (
        voice_service(tmp_path, store, bus=link.bus, desk=desk) as first,
        voice_service(tmp_path, store, bus=link.bus, desk=desk) as second,
    ):
        await first.create(consent_id=consent_id)
        for replica in (first, second):
            replica.speaking.add("ada")
        async with (
            first.voices.looked_after(link, speaking_seconds=0.05, consents_seconds=HOUR),
            second.voices.looked_after(link, speaking_seconds=0.05, consents_seconds=HOUR),
        ):
            await consents.withdraw(consent_id)
            await eventually(lambda: "ada" in first.stopped and "ada" in second.stopped)
        for replica in (first, second):
            with pytest.raises(ConflictError):
                await replica.voices.speakable("ada")


async def test_a_process_that_was_away_hears_of_the_withdrawal_when_it_is_back(
    link: JetStreamLink, consents: ConsentService, tmp_path: Path
) -> None:
    desk = RemoteConsentDesk(consents.channel)
    consent_id = (await consents.grant()).consent_id
    async with voice_service(tmp_path, bus=link.bus, desk=desk) as service:
        await service.create(consent_id=consent_id)
        await consents.withdraw(consent_id)
        assert (await service.voices.speakable("ada")).consent_id == consent_id
        async with service.voices.withdrawing.hearing(link):
            await eventually(lambda: "ada" in service.stopped)
        with pytest.raises(ConflictError):
            await service.voices.speakable("ada")
