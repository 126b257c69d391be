"""Whether a voice may be cloned, asked of the service that keeps the consents."""

import pytest

from services.chassis.channel import open_channel
from services.chassis.errors import ConflictError, UnavailableError
from services.inference.voices.consent_desk import Consent, RemoteConsentDesk, require_consent
from tests.consent_service import consent_service
from ttstrainer.dataset.v1 import consent_service_pb2 as pb


async def test_a_consent_is_seen_as_it_is_now() -> None:
    async with consent_service() as consents:
        desk = RemoteConsentDesk(consents.channel)
        consent_id = (await consents.grant()).consent_id
        assert await desk.consent(consent_id) == Consent(allows_cloning=True, is_withdrawn=False)
        await require_consent(desk, consent_id)
        await consents.withdraw(consent_id)
        assert await desk.consent(consent_id) == Consent(allows_cloning=True, is_withdrawn=True)
        assert await desk.consent("nobody") is None


@pytest.mark.parametrize(
    ("purpose", "withdrawn", "reason"),
    [
        (pb.CONSENT_PURPOSE_TRAINING, False, "CONSENT_PURPOSE"),
        (pb.CONSENT_PURPOSE_CLONING, True, "CONSENT_WITHDRAWN"),
        (None, False, "CONSENT_MISSING"),
    ],
)
async def test_without_a_consent_to_cloning_that_holds_nothing_is_cloned(
    purpose: int | None, withdrawn: bool, reason: str
) -> None:
    async with consent_service() as consents:
        consent_id = ""
        if purpose is not None:
            consent_id = (await consents.grant(purposes=[purpose])).consent_id
        if withdrawn:
            await consents.withdraw(consent_id)
        with pytest.raises(ConflictError) as caught:
            await require_consent(RemoteConsentDesk(consents.channel), consent_id)
        assert caught.value.reason == reason


async def test_no_answer_is_no_consent() -> None:
    async with open_channel("127.0.0.1:1") as channel:
        with pytest.raises(UnavailableError):
            await require_consent(RemoteConsentDesk(channel), "anything")
