"""Voices over gRPC: cloned with a consent, shown, changed, removed without a trace."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import grpc
import numpy as np
import pytest
import soundfile
from google.protobuf.field_mask_pb2 import FieldMask

from services.chassis.artifacts import key_of
from services.chassis.blobs import add_bytes
from services.chassis.channel import error_of
from services.inference.voices.clip import loudness_of
from services.inference.voices.consent_desk import Consent
from tests.speech import noise, silence
from tests.voice_service import CONSENT, VoiceService, talk, voice_service, wav
from ttstrainer.inference.v1 import inference_events_pb2 as events
from ttstrainer.inference.v1 import voice_service_pb2 as pb

REFUSED = grpc.StatusCode.INVALID_ARGUMENT
FORBIDDEN = grpc.StatusCode.FAILED_PRECONDITION
UNKNOWN = grpc.StatusCode.NOT_FOUND


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[VoiceService]:
    async with voice_service(tmp_path) as service:
        yield service


async def reason_of(failing: Awaitable[object]) -> tuple[grpc.StatusCode, str]:
    """Returns the status and the reason that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await failing
    return caught.value.code(), error_of(caught.value).reason


async def test_a_voice_is_cloned_from_a_clip_that_is_trimmed_and_normalised(
    service: VoiceService,
) -> None:
    voice = await service.create(display_name="Ada", model="xtts")
    assert (voice.display_name, voice.language_code, voice.model) == ("Ada", "en", "xtts")
    assert (voice.origin, voice.state) == (pb.VOICE_ORIGIN_CLONED, pb.VOICE_STATE_READY)
    assert voice.consent_id == CONSENT
    (reference,) = voice.references
    assert reference.display_name == "clip 0"
    assert reference.speech_seconds == pytest.approx(8, abs=0.2)
    assert reference.duration_seconds == pytest.approx(8.8, abs=0.2)  # of 9.8
    assert reference.snr_db > 30
    assert not reference.warnings
    content = await service.store.read(key_of(reference.audio_uri))
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    assert rate == 24_000
    assert loudness_of(samples, rate) == pytest.approx(-23, abs=0.2)
    assert await service.get() == voice
    (event,) = service.bus.events
    assert event == events.VoiceCreated(voice=voice)


async def test_clips_may_lie_in_the_store_and_be_in_any_format(service: VoiceService) -> None:
    file = io.BytesIO()
    soundfile.write(file, talk(300, 300), 16_000, format="OGG", subtype="VORBIS")
    blob = await add_bytes(service.store, file.getvalue())
    voice = await service.create(uris=[blob.uri])
    assert voice.references[0].speech_seconds == pytest.approx(8, abs=0.2)


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (wav(silence(8)), "SILENT"),
        (wav(talk(300, seconds=0.2, gap_seconds=0.05)), "TOO_SHORT"),
        (wav(talk(300, seconds=2.0)), "TOO_SHORT"),
        (wav(talk(300, 900)), "SEVERAL_SPEAKERS"),
        (wav(np.clip(20 * talk(300, 300), -1, 1)), "CLIPPED"),
        (wav(noise(8, rms=0.004)), "NO_SPEECH"),
        (wav(talk(300, seconds=301)), "TOO_LONG"),
        (b"not a sound", "NOT_MEDIA"),
        (b"", "NOT_MEDIA"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_clip_that_cannot_be_cloned_from_is_refused_with_the_reason(
    service: VoiceService, clip: bytes, reason: str
) -> None:
    assert await reason_of(service.create(clip)) == (REFUSED, reason)
    assert await service.keys() == []
    assert not service.bus.events


async def test_clips_of_two_people_are_refused_also_when_each_has_one(
    service: VoiceService,
) -> None:
    two = (wav(talk(300)), wav(talk(900)))
    assert await reason_of(service.create(*two)) == (REFUSED, "SEVERAL_SPEAKERS")


async def test_a_short_noisy_clip_is_taken_with_warnings(service: VoiceService) -> None:
    samples = talk(300) + noise(5.2, rms=0.04)[: len(talk(300))]
    voice = await service.create(wav(samples[: round(4.9 * 16_000)], 16_000))
    warnings = " ".join(voice.references[0].warnings)
    assert "s of speech in all" in warnings
    assert "noise" in warnings


async def test_an_upload_without_a_header_or_without_names_is_refused(
    service: VoiceService,
) -> None:
    async def nameless() -> AsyncIterator[pb.CreateVoiceRequest]:
        header = pb.CreateVoiceHeader(voice_id="ada", consent_id=CONSENT, language_code="en")
        yield pb.CreateVoiceRequest(header=header)
        yield pb.CreateVoiceRequest(chunk=wav(talk(300)))

    async def headless() -> AsyncIterator[pb.CreateVoiceRequest]:
        yield pb.CreateVoiceRequest(clip_name="one")

    assert (await reason_of(service.stub.CreateVoice(nameless())))[1] == "CLIP_NAME_MISSING"
    assert (await reason_of(service.stub.CreateVoice(headless())))[1] == "HEADER_MISSING"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"voice_id": "../ada"}, (REFUSED, "INVALID_VOICE_ID")),
        ({"language_code": ""}, (REFUSED, "UNKNOWN_LANGUAGE")),
        ({"display_name": "a" * 201}, (REFUSED, "NAME_TOO_LONG")),
        ({"model": "nobody"}, (UNKNOWN, "MODEL_NOT_FOUND")),
        ({"consent_id": ""}, (FORBIDDEN, "CONSENT_MISSING")),
        ({"consent_id": "nobody"}, (FORBIDDEN, "CONSENT_MISSING")),
        ({"consent_id": "training"}, (FORBIDDEN, "CONSENT_PURPOSE")),
        ({"consent_id": "withdrawn"}, (FORBIDDEN, "CONSENT_WITHDRAWN")),
        ({"voice_id": "joe"}, (grpc.StatusCode.ALREADY_EXISTS, "VOICE_EXISTS")),
        ({"voice_id": "joe", "replace": True}, (grpc.StatusCode.ALREADY_EXISTS, "VOICE_EXISTS")),
    ],
)
async def test_a_voice_without_what_it_needs_is_refused(
    service: VoiceService, fields: dict[str, object], expected: tuple[grpc.StatusCode, str]
) -> None:
    service.desk.consents["training"] = Consent(allows_cloning=False, is_withdrawn=False)
    service.desk.consents["withdrawn"] = Consent(allows_cloning=True, is_withdrawn=True)
    assert await reason_of(service.create(**fields)) == expected  # type: ignore[arg-type]


async def test_without_the_keeper_of_consents_nothing_is_cloned(service: VoiceService) -> None:
    service.desk.is_away = True
    assert (await reason_of(service.create()))[0] is grpc.StatusCode.UNAVAILABLE


async def test_of_many_who_clone_under_one_name_one_succeeds(service: VoiceService) -> None:
    clips = [wav(talk(hertz, hertz)) for hertz in (300, 500, 700)]
    tried = await asyncio.gather(*map(service.create, clips), return_exceptions=True)
    created = [each for each in tried if isinstance(each, pb.Voice)]
    refused = [each.code() for each in tried if isinstance(each, grpc.aio.AioRpcError)]
    assert len(created) == 1
    assert refused == [grpc.StatusCode.ALREADY_EXISTS] * 2
    assert await service.get() == created[0]
    assert await service.keys() == [key_of(created[0].references[0].audio_uri)]


async def test_a_replaced_voice_leaves_nothing_of_the_one_before(service: VoiceService) -> None:
    first = await service.create()
    second = await service.create(wav(talk(500, 500)), replace=True)
    assert first.references[0].audio_uri != second.references[0].audio_uri
    assert await service.keys() == [key_of(second.references[0].audio_uri)]


async def test_a_deleted_voice_leaves_nothing_and_its_name_is_free(service: VoiceService) -> None:
    await service.create(wav(talk(300)), wav(talk(300)), display_name="Ada Lovelace")
    await service.stub.PreviewVoice(pb.PreviewVoiceRequest(voice_id="ada"))
    assert await service.delete() == 3
    assert await service.keys() == []
    assert service.stopped == ["ada"]
    left = [await service.store.read(info.key) async for info in service.store.list("voices/")]
    assert not any(b"Lovelace" in content or b"2026" in content for content in left)
    assert (await reason_of(service.get()))[0] is UNKNOWN
    assert (await reason_of(service.delete()))[0] is UNKNOWN
    assert service.bus.events[-1] == events.VoiceDeleted(voice_id="ada")
    again = await service.create(display_name="Another")
    assert (await service.get()).display_name == again.display_name == "Another"


async def test_built_in_voices_are_listed_beside_the_others_and_stay(
    service: VoiceService,
) -> None:
    for voice_id in ("zoe", "ada-2", "ada"):
        await service.create(voice_id=voice_id)
    await service.create(voice_id="gone")
    await service.delete("gone")
    listed: list[pb.Voice] = []
    token = ""
    for _ in range(6):
        page = await service.stub.ListVoices(pb.ListVoicesRequest(page_size=1, page_token=token))
        listed += page.voices
        token = page.next_page_token
    assert [voice.voice_id for voice in listed] == [
        "ada", "ada-2", "duo.ann", "duo.bob", "joe", "zoe",
    ]  # fmt: skip
    assert token == ""
    ann, _, joe = listed[2:5]
    assert ann.origin == joe.origin == pb.VOICE_ORIGIN_BUILT_IN
    assert (ann.model, ann.display_name, joe.model) == ("duo", "Ann", "joe")
    assert await service.voices.first_of("duo") == "duo.bob"
    assert await service.voices.first_of("xtts") == "xtts"
    assert await reason_of(service.delete("joe")) == (FORBIDDEN, "BUILT_IN_VOICE")


async def test_a_person_may_change_name_language_and_model(service: VoiceService) -> None:
    before = await service.create()
    wanted = pb.Voice(voice_id="ada", display_name="Countess", language_code="de", model="xtts")
    mask = FieldMask(paths=["display_name", "language_code"])
    request = pb.UpdateVoiceRequest(voice=wanted, update_mask=mask)
    after = (await service.stub.UpdateVoice(request)).voice
    assert (after.display_name, after.language_code, after.model) == ("Countess", "de", "xtts")
    assert after.references == before.references
    assert after.update_time.ToDatetime() > before.update_time.ToDatetime()
    assert await service.get() == after


@pytest.mark.parametrize(
    ("voice_id", "fields", "expected"),
    [
        ("ada", [], (REFUSED, "INVALID_MASK")),
        ("ada", ["consent_id"], (REFUSED, "INVALID_MASK")),
        ("ada", ["language_code"], (REFUSED, "UNKNOWN_LANGUAGE")),
        ("ada", ["model"], (UNKNOWN, "MODEL_NOT_FOUND")),
        ("joe", ["display_name"], (FORBIDDEN, "BUILT_IN_VOICE")),
        ("bob", ["display_name"], (UNKNOWN, "VOICE_NOT_FOUND")),
    ],
)
async def test_what_may_not_be_changed_is_refused(
    service: VoiceService,
    voice_id: str,
    fields: list[str],
    expected: tuple[grpc.StatusCode, str],
) -> None:
    await service.create()
    wanted = pb.Voice(voice_id=voice_id, language_code="?", model="nobody")
    request = pb.UpdateVoiceRequest(voice=wanted, update_mask=FieldMask(paths=fields))
    assert await reason_of(service.stub.UpdateVoice(request)) == expected


async def test_voices_are_compared_with_each_other_and_with_audio(service: VoiceService) -> None:
    await service.create(voice_id="ada")
    blob = await add_bytes(service.store, wav(talk(500)))

    async def verdict(first: pb.VoiceSample, second: pb.VoiceSample) -> int:
        request = pb.CompareVoicesRequest(first=first, second=second)
        response = await service.stub.CompareVoices(request)
        assert -1 < response.different_below < response.same_from < 1
        return response.verdict

    ada, joe = pb.VoiceSample(voice_id="ada"), pb.VoiceSample(voice_id="joe")
    like_ada = pb.VoiceSample(audio=wav(talk(300)))
    assert await verdict(ada, like_ada) == pb.LIKENESS_VERDICT_SAME
    assert await verdict(ada, joe) == pb.LIKENESS_VERDICT_DIFFERENT
    assert await verdict(pb.VoiceSample(audio_uri=blob.uri), ada) == pb.LIKENESS_VERDICT_DIFFERENT
    too_short = pb.VoiceSample(audio=wav(talk(300, seconds=1.0)))
    for sample, expected in [
        (too_short, (REFUSED, "TOO_SHORT")),
        (pb.VoiceSample(), (REFUSED, "SAMPLE_MISSING")),
        (pb.VoiceSample(voice_id="bob"), (UNKNOWN, "VOICE_NOT_FOUND")),
    ]:
        request = pb.CompareVoicesRequest(first=ada, second=sample)
        assert await reason_of(service.stub.CompareVoices(request)) == expected


async def test_a_preview_is_made_once_until_the_model_changes(service: VoiceService) -> None:
    await service.create()
    request = pb.PreviewVoiceRequest(voice_id="ada")
    first = await service.stub.PreviewVoice(request)
    assert (await service.stub.PreviewVoice(request)).audio == first.audio == service.speaker.wav
    assert len(service.speaker.said) == 1
    service.speaker.model = "xtts/2"
    await service.stub.PreviewVoice(request)
    assert len(service.speaker.said) == 2
    long = pb.PreviewVoiceRequest(voice_id="ada", text="a" * 301)
    assert await reason_of(service.stub.PreviewVoice(long)) == (REFUSED, "TEXT_TOO_LONG")


async def test_a_withdrawn_voice_is_shown_but_neither_speaks_nor_is_compared(
    service: VoiceService,
) -> None:
    await service.create()
    await service.voices.withdrawing.withdraw(CONSENT)
    assert (await service.get()).state == pb.VOICE_STATE_WITHDRAWN
    withdrawn = (FORBIDDEN, "VOICE_WITHDRAWN")
    preview = pb.PreviewVoiceRequest(voice_id="ada")
    assert await reason_of(service.stub.PreviewVoice(preview)) == withdrawn
    ada = pb.VoiceSample(voice_id="ada")
    compare = pb.CompareVoicesRequest(first=ada, second=ada)
    assert await reason_of(service.stub.CompareVoices(compare)) == withdrawn
    assert await service.delete() == 1
