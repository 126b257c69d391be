"""Consents over gRPC: granted with evidence, shown, withdrawn for good."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from services.chassis.artifacts import key_of
from services.chassis.blobs import add_bytes
from services.chassis.channel import error_of
from services.chassis.errors import InvalidInputError, UnavailableError
from services.dataset.consents.statements import wording
from tests.consent_service import ConsentService, consent_service
from tests.dataset_service import SENTENCES, dataset_service
from tests.prepared_recordings import prepared_recording
from ttstrainer.dataset.v1 import consent_events_pb2 as events
from ttstrainer.dataset.v1 import consent_service_pb2 as pb
from ttstrainer.dataset.v1 import dataset_service_pb2 as dataset_pb

UNKNOWN_ID = "20260101t000000000000-00000000"


@pytest.fixture
async def consents() -> AsyncIterator[ConsentService]:
    async with consent_service() as service:
        yield service


async def reason_of(failing: object) -> tuple[grpc.StatusCode, str]:
    """Returns the status and the reason that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await failing  # type: ignore[misc]
    return caught.value.code(), error_of(caught.value).reason


async def test_a_written_consent_is_kept_and_shown_as_it_was_given(
    consents: ConsentService,
) -> None:
    granted = await consents.grant(
        purposes=[pb.CONSENT_PURPOSE_TRAINING, pb.CONSENT_PURPOSE_CLONING],
        language_code="es",
        recorded_by="studio",
        dataset_ids=["ada"],
    )
    assert granted.evidence.statement == "I agree that my voice is cloned."
    assert granted.evidence.language_code == "es"
    assert list(granted.purposes) == [pb.CONSENT_PURPOSE_CLONING, pb.CONSENT_PURPOSE_TRAINING]
    assert granted.HasField("grant_time")
    assert not granted.HasField("withdraw_time")
    assert await consents.get(granted.consent_id) == granted


async def test_the_event_of_a_grant_tells_no_words(consents: ConsentService) -> None:
    granted = await consents.grant()
    (event,) = consents.bus.events
    assert isinstance(event, events.ConsentGranted)
    assert event.consent.consent_id == granted.consent_id
    assert event.consent.evidence.statement == ""


async def test_a_recording_that_says_the_words_is_evidence(consents: ConsentService) -> None:
    consents.listener.words = wording("Ada Loveless", "en") or ""
    granted = await consents.grant(audio_statement=b"sound")
    assert granted.evidence.match_ratio == 1
    assert "Ada Lovelace" in granted.evidence.statement
    assert consents.listener.asked == [(b"sound", "en")]
    kept = await consents.store.read(key_of(granted.evidence.audio_uri))
    assert kept == b"sound"


async def test_a_recording_may_lie_in_the_store(consents: ConsentService) -> None:
    consents.listener.words = wording("Ada Lovelace", "de") or ""
    blob = await add_bytes(consents.store, b"sound")
    granted = await consents.grant(audio_statement_uri=blob.uri, language_code="de")
    assert granted.evidence.audio_uri == blob.uri


async def test_a_recording_of_something_else_is_refused(consents: ConsentService) -> None:
    consents.listener.words = "The weather will be fine tomorrow, and I agree that it is."
    assert await reason_of(consents.grant(audio_statement=b"sound")) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "STATEMENT_NOT_HEARD",
    )
    assert not consents.bus.events
    assert not consents.store.objects


async def test_somebody_elses_statement_is_refused(consents: ConsentService) -> None:
    consents.listener.words = wording("Bob Smith", "en") or ""
    assert await reason_of(consents.grant(audio_statement=b"sound")) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "NAME_NOT_HEARD",
    )
    assert not consents.store.objects


async def test_without_a_transcriber_nothing_is_recorded_and_a_later_try_works(
    consents: ConsentService,
) -> None:
    consents.listener.error = UnavailableError("It does not answer.")
    request_id = "one"
    assert await reason_of(consents.grant(audio_statement=b"sound", request_id=request_id)) == (
        grpc.StatusCode.UNAVAILABLE,
        "UNAVAILABLE",
    )
    assert not consents.store.objects
    consents.listener.error, consents.listener.words = None, wording("Ada Lovelace", "en") or ""
    granted = await consents.grant(audio_statement=b"sound", request_id=request_id)
    assert granted.evidence.match_ratio == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"speaker_name": " "}, "INVALID_SPEAKER"),
        ({"purposes": []}, "INVALID_PURPOSES"),
        ({"purposes": [0]}, "INVALID_PURPOSES"),
        ({"text_statement": ""}, "INVALID_STATEMENT"),
        ({"audio_statement": b""}, "INVALID_RECORDING"),
        ({"audio_statement": b"sound", "language_code": "tlh"}, "UNKNOWN_LANGUAGE"),
        ({"language_code": "??"}, "UNKNOWN_LANGUAGE"),
        ({"audio_statement_uri": "file:///etc/passwd"}, "INVALID_ARTIFACT_URI"),
        ({"dataset_ids": ["../ada"]}, "INVALID_DATASET_ID"),
    ],
)
async def test_a_consent_without_what_it_needs_is_refused(
    consents: ConsentService, fields: dict[str, object], reason: str
) -> None:
    assert await reason_of(consents.grant(**fields)) == (  # type: ignore[arg-type]
        grpc.StatusCode.INVALID_ARGUMENT,
        reason,
    )


async def test_a_consent_without_evidence_is_refused(consents: ConsentService) -> None:
    request = pb.GrantConsentRequest(speaker_name="Ada", purposes=[pb.CONSENT_PURPOSE_CLONING])
    assert (await reason_of(consents.stub.GrantConsent(request)))[1] == "EVIDENCE_MISSING"


async def test_asking_again_gives_the_same_consent_also_at_the_same_time(
    consents: ConsentService,
) -> None:
    first = await consents.grant(request_id="one")
    again = await asyncio.gather(*(consents.grant(request_id="one") for _ in range(5)))
    assert [each.consent_id for each in again] == [first.consent_id] * 5
    raced = await asyncio.gather(*(consents.grant(request_id="two") for _ in range(5)))
    assert len({each.consent_id for each in raced}) == 1
    assert raced[0].consent_id != first.consent_id
    other = await reason_of(consents.grant("Bob Smith", request_id="one"))
    assert other == (grpc.StatusCode.FAILED_PRECONDITION, "REQUEST_ID_REUSED")


async def test_consents_are_listed_page_by_page_the_newest_first(
    consents: ConsentService,
) -> None:
    granted = [(await consents.grant(f"Speaker {n} A")).consent_id for n in range(5)]
    listed, token = [], ""
    for _ in range(3):
        request = pb.ListConsentsRequest(page_size=2, page_token=token)
        page = await consents.stub.ListConsents(request)
        listed += [each.consent_id for each in page.consents]
        token = page.next_page_token
    assert token == ""
    assert listed == granted[::-1]


async def test_a_withdrawn_consent_says_when_and_why_and_stays_so(
    consents: ConsentService,
) -> None:
    granted = await consents.grant()
    withdrawn = await consents.withdraw(granted.consent_id)
    assert withdrawn.withdraw_reason == "I changed my mind."
    again = await consents.withdraw(granted.consent_id, "For another reason.")
    assert again == withdrawn == await consents.get(granted.consent_id)
    told = consents.bus.events[-1]
    assert isinstance(told, events.ConsentWithdrawn)
    assert told.consent.HasField("withdraw_time")
    assert told.consent.evidence.statement == ""


@pytest.mark.parametrize("consent_id", ["", "nobody", "../blobs/x", UNKNOWN_ID])
async def test_an_unknown_consent_is_not_found(consents: ConsentService, consent_id: str) -> None:
    not_found = (grpc.StatusCode.NOT_FOUND, "CONSENT_NOT_FOUND")
    assert await reason_of(consents.get(consent_id)) == not_found
    assert await reason_of(consents.withdraw(consent_id)) == not_found


async def test_the_words_to_say_are_told_in_the_languages_that_have_some(
    consents: ConsentService,
) -> None:
    request = pb.GetStatementRequest(speaker_name="Ada Lovelace")
    assert "Ada Lovelace" in (await consents.stub.GetStatement(request)).statement
    unknown = pb.GetStatementRequest(speaker_name="Ada Lovelace", language_code="tlh")
    assert await reason_of(consents.stub.GetStatement(unknown)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "UNKNOWN_LANGUAGE",
    )


async def test_the_datasets_of_a_withdrawn_consent_are_marked_and_refused(tmp_path: Path) -> None:
    async with dataset_service(tmp_path) as datasets, consent_service(datasets.store) as consents:
        recording = await prepared_recording(datasets.store, "one.mp4", SENTENCES)
        built = await datasets.build(recording)
        await datasets.build(recording, dataset_id="bob")
        granted = await consents.grant(dataset_ids=["ada"])
        withdrawn = await consents.withdraw(granted.consent_id)

        shown = await datasets.stub.GetDataset(dataset_pb.GetDatasetRequest(dataset_id="ada"))
        assert shown.dataset.withdraw_time == withdrawn.withdraw_time
        assert shown.dataset.digest == built.digest
        listed = await datasets.stub.ListDatasets(dataset_pb.ListDatasetsRequest())
        marked = {d.dataset_id: d.HasField("withdraw_time") for d in listed.datasets}
        assert marked == {"ada": True, "bob": False}

        refused = (grpc.StatusCode.FAILED_PRECONDITION, "CONSENT_WITHDRAWN")
        assert await reason_of(datasets.build(recording)) == refused
        assert await reason_of(datasets.exported(dataset_pb.EXPORT_FORMAT_LJSPEECH)) == refused
        assert (await datasets.build(recording, dataset_id="bob")).dataset_id == "bob"


async def test_a_refusal_of_the_transcriber_reaches_the_caller(consents: ConsentService) -> None:
    consents.listener.error = InvalidInputError("It is too long.", reason="STATEMENT_TOO_LONG")
    assert await reason_of(consents.grant(audio_statement=b"sound")) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "STATEMENT_TOO_LONG",
    )
