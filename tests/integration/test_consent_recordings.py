"""Recorded consents through the real decoder and the real recogniser (Whisper tiny.en)."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import grpc
import pytest

from services.chassis.artifacts import key_of
from services.chassis.blobs import CONTENT_KEYS
from services.chassis.errors import InvalidInputError
from services.chassis.steps import StepResults
from services.dataset.consents.consenting import Consenting
from services.dataset.consents.consents import Consents
from services.dataset.consents.evidence import Evidence, required_statement
from services.dataset.consents.spoken_words import SpokenWords
from services.dataset.consents.withdrawals import Withdrawals
from services.media.servicer import MediaServicer
from services.speech.vad import SileroVad
from services.transcription.model_catalogue import ModelCatalogue
from services.transcription.recognisers import Recognisers
from services.transcription.servicer import TranscriptionServicer
from services.transcription.settings import TranscriptionSettings
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from services.transcription.whisper import WhisperRecogniser
from tests.fakes.bus import InMemoryBus
from tests.fakes.serving import serving
from tests.media_parts import MediaParts, media_parts
from ttstrainer.dataset.v1 import consent_service_pb2 as pb
from ttstrainer.media.v1.media_service_pb2_grpc import (
    MediaServiceStub,
    add_MediaServiceServicer_to_server,
)
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import (
    TranscriptionServiceStub,
    add_TranscriptionServiceServicer_to_server,
)

SPEAKER = "Mary Johnson"


def said(folder: Path, text: str) -> bytes:
    """Returns a recording as a phone makes it, spoken by a machine."""
    wav, recording = folder / "said.wav", folder / "said.m4a"
    speak = ["espeak-ng", "-v", "en-us", "-s", "140", "-w", str(wav), text]
    encode = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(wav), str(recording)]
    for command in (speak, encode):
        subprocess.run(command, check=True)
    return recording.read_bytes()


@pytest.fixture(scope="module")
def recognisers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recognisers]:
    shared = Recognisers(
        ModelCatalogue(tmp_path_factory.mktemp("models"), allow_downloads=False),
        lambda folder, description: WhisperRecogniser(folder, description, cpu_thread_count=1),
        default_model="tiny.en",
        device="cpu",
        compute_type="int8",
        capacity=1,
    )
    yield shared
    shared.close()


def transcription_servicer(media: MediaParts, recognisers: Recognisers) -> TranscriptionServicer:
    settings = TranscriptionSettings(store_url="file:///unused", model="tiny.en")
    steps = StepResults(media.store)
    transcriber = Transcriber(media.store, steps, recognisers, SileroVad(), settings)
    verifier = Verifier(media.store, steps, recognisers, settings)
    return TranscriptionServicer(media.store, transcriber, verifier, recognisers)


@pytest.fixture
async def consenting(tmp_path: Path, recognisers: Recognisers) -> AsyncIterator[Consenting]:
    media = media_parts(tmp_path)
    media_servicer = MediaServicer(
        media.store, media.intake, media.imports, media.probing, media.extraction
    )
    transcription = transcription_servicer(media, recognisers)

    def register(server: grpc.aio.Server) -> None:
        add_MediaServiceServicer_to_server(media_servicer, server)
        add_TranscriptionServiceServicer_to_server(transcription, server)

    async with serving(register) as channel:
        listener = SpokenWords(
            media.store, MediaServiceStub(channel), TranscriptionServiceStub(channel)
        )
        yield Consenting(
            Consents(media.store, partial(datetime.now, UTC)),
            Evidence(media.store, listener, 0.8),
            Withdrawals(media.store),
            InMemoryBus(),
        )


async def grant(consenting: Consenting, recording: bytes) -> pb.Consent:
    request = pb.GrantConsentRequest(
        speaker_name=SPEAKER, purposes=[pb.CONSENT_PURPOSE_CLONING], audio_statement=recording
    )
    return await consenting.grant(request)


async def blobs_of(consenting: Consenting) -> list[str]:
    """Returns where recordings lie, and what was made of them."""
    return [info.key async for info in consenting.evidence.store.list(CONTENT_KEYS)]


async def test_the_statement_read_aloud_is_evidence(consenting: Consenting, tmp_path: Path) -> None:
    consent = await grant(consenting, said(tmp_path, required_statement(SPEAKER, "en")))
    assert consent.evidence.match_ratio >= 0.9
    assert (await consenting.consents.get(consent.consent_id)) == consent
    assert await blobs_of(consenting) == [key_of(consent.evidence.audio_uri)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I think it will rain tomorrow, so take an umbrella with you.", "STATEMENT_NOT_HEARD"),
        (required_statement("Bob Fitzgerald", "en"), "NAME_NOT_HEARD"),
    ],
)
async def test_another_recording_is_not(
    consenting: Consenting, tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await grant(consenting, said(tmp_path, text))
    assert caught.value.reason == reason
    assert await blobs_of(consenting) == []


async def test_what_is_no_sound_is_refused(consenting: Consenting) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await grant(consenting, b"not a sound")
    assert caught.value.reason == "NOT_MEDIA"
    assert await blobs_of(consenting) == []
