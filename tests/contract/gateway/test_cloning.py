"""`tts-trainer voices create`: without a voice, nothing remains of the consent that it recorded."""

import asyncio
from pathlib import Path

import pytest

from gateway.cli.consents.agreement import Agreement
from gateway.cli.session import Session
from gateway.cli.voices.create import CreateVoice
from services.chassis.errors import ConflictError, NotFoundError, ServiceError, UnavailableError
from tests.fakes.reporter import RecordingReporter
from tests.fakes.speaking_services import SpeakingServices
from ttstrainer.dataset.v1.consent_service_pb2 import Consent
from ttstrainer.inference.v1.voice_service_pb2 import CreateVoiceHeader

REFUSED = ConflictError("Accept its licence.", reason="LICENCE_NOT_ACCEPTED")
LOST = UnavailableError("The service is shutting down.")
MINUTE = 60.0


@pytest.fixture
def create(tmp_path: Path) -> CreateVoice:
    return created_with(Agreement(speaker_name="Ada"), tmp_path)


def created_with(agreement: Agreement, folder: Path) -> CreateVoice:
    clip = folder / "ada.wav"
    clip.write_bytes(b"RIFF")
    return CreateVoice(CreateVoiceHeader(voice_id="ada", language_code="en"), [clip], agreement)


def is_withdrawn(services: SpeakingServices) -> bool:
    (consent,) = services.consents.consents.values()
    return consent.HasField("withdraw_time")


def last_note(reporter: RecordingReporter) -> str:
    return str(reporter.told[-1][1])


@pytest.mark.parametrize("error", [REFUSED, LOST])
async def test_the_consent_of_a_voice_that_was_not_made_is_withdrawn(
    services: SpeakingServices,
    session: Session,
    reporter: RecordingReporter,
    create: CreateVoice,
    error: ServiceError,
) -> None:
    services.voices.refusals = [error]
    with pytest.raises(type(error), match=error.message):
        await create(session)
    assert is_withdrawn(services)
    assert last_note(reporter) == "No voice was made, so the consent consent-1 is withdrawn again."


async def test_an_interruption_withdraws_the_consent_too(
    services: SpeakingServices, session: Session, create: CreateVoice
) -> None:
    services.voices.pause_seconds = MINUTE
    command = asyncio.ensure_future(create(session))
    await services.voices.asked.wait()
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    assert is_withdrawn(services)


async def test_an_interruption_while_the_consent_is_recorded_withdraws_it_once_it_is(
    services: SpeakingServices, session: Session, create: CreateVoice
) -> None:
    services.consents.answer_seconds = 0.1
    command = asyncio.ensure_future(create(session))
    await services.consents.granted.wait()
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    assert is_withdrawn(services)
    assert not services.voices.asked.is_set()


async def test_a_consent_that_was_there_before_stays(
    services: SpeakingServices, session: Session, tmp_path: Path
) -> None:
    services.consents.consents["earlier"] = Consent(consent_id="earlier")
    services.voices.refusals = [REFUSED]
    with pytest.raises(ConflictError):
        await created_with(Agreement("earlier"), tmp_path)(session)
    assert not is_withdrawn(services)


async def test_a_consent_that_cannot_be_withdrawn_is_named(
    services: SpeakingServices, session: Session, reporter: RecordingReporter, create: CreateVoice
) -> None:
    services.voices.refusals = [REFUSED]
    services.consents.refusals = [NotFoundError("Where is it?")]
    with pytest.raises(ConflictError):
        await create(session)
    assert not is_withdrawn(services)
    assert "`tts-trainer consents withdraw consent-1`" in last_note(reporter)
