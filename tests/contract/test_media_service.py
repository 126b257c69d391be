"""MediaService behind a real channel: what each RPC answers and how it fails."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from services.chassis.channel import error_of, open_channel
from services.chassis.errors import (
    InvalidInputError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from services.chassis.rpc.server import GrpcServer
from services.chassis.steps import StepResults
from services.media import wire
from services.media.extraction import Extraction
from services.media.importing import Imports
from services.media.intake import Intake
from services.media.probing import Probing
from services.media.servicer import MediaServicer
from services.media.settings import MediaSettings
from services.media.worker import handlers
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.media import FakeDecoder, FakeDescriber
from ttstrainer.media.v1 import media_events_pb2 as events
from ttstrainer.media.v1 import media_service_pb2 as pb
from ttstrainer.media.v1.media_service_pb2_grpc import (
    MediaServiceStub,
    add_MediaServiceServicer_to_server,
)

FILM = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(FILM).hexdigest()


@dataclass(frozen=True)
class Media:
    """The service, seen from both sides."""

    stub: MediaServiceStub
    store: InMemoryArtifacts
    decoder: FakeDecoder
    probing: Probing
    extraction: Extraction


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    store = InMemoryArtifacts()
    steps = StepResults(store)
    decoder = FakeDecoder()
    probing = Probing(
        store, steps, FakeDescriber(), max_stream_count=8, max_duration_seconds=3600.0
    )
    extraction = Extraction(store, steps, probing, decoder, scratch=tmp_path, max_parallel_count=2)
    intake = Intake(store, tmp_path, 10 * len(FILM))
    imports = Imports(store, intake, part_bytes=150_000)
    servicer = MediaServicer(store, intake, imports, probing, extraction)
    server = GrpcServer(MediaSettings(port=0, store_url="file:///unused"))
    await server.start()
    await server.admit(lambda s: add_MediaServiceServicer_to_server(servicer, s), ())
    async with open_channel(server.address) as channel:
        yield Media(MediaServiceStub(channel), store, decoder, probing, extraction)
    await server.drain(0)


def upload(
    content: bytes = FILM, *, size_bytes: int = len(FILM), offset_bytes: int = 0
) -> Iterator[pb.ImportRecordingRequest]:
    yield pb.ImportRecordingRequest(
        header=pb.ImportRecordingHeader(
            sha256=SHA256,
            size_bytes=size_bytes,
            display_name='my "tälk"\n.mp4',
            offset_bytes=offset_bytes,
        )
    )
    for start in range(offset_bytes, len(content), 100_000):
        yield pb.ImportRecordingRequest(chunk=content[start : start + 100_000])


async def imported(media: Media) -> str:
    return str((await media.stub.ImportRecording(upload())).recording.recording_id)


async def failure_of(call: Awaitable[object] | AsyncIterable[object]) -> ServiceError:
    """Returns what a call failed with, in the words of our taxonomy."""
    try:
        if isinstance(call, AsyncIterable):
            async for _ in call:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error_of(error)
    pytest.fail("the call succeeded")


async def test_a_file_is_imported_and_keeps_its_name_for_people(media: Media) -> None:
    recording = (await media.stub.ImportRecording(upload())).recording
    assert recording.recording_id == SHA256
    assert recording.recording_uri == f"artifact://blobs/{SHA256}"
    assert recording.display_name == 'my "tälk"\n.mp4'
    assert recording.size_bytes == len(FILM)
    assert media.store.objects == {f"blobs/{SHA256}": FILM}


async def test_an_import_whose_connection_breaks_is_resumed(media: Media) -> None:
    async def stalling() -> AsyncIterator[pb.ImportRecordingRequest]:
        for request in upload(FILM[:500_000]):
            yield request
        await asyncio.Event().wait()

    async def received_bytes() -> int:
        response = await media.stub.GetImport(pb.GetImportRequest(sha256=SHA256))
        assert not response.complete
        return int(response.received_bytes)

    call = media.stub.ImportRecording(stalling())
    await eventually(received_bytes)
    call.cancel()
    # The last part is shorter than the others: it is written when the connection breaks.
    await eventually(lambda: any(key.endswith("500000") for key in media.store.objects))
    assert await received_bytes() == 500_000
    response = await media.stub.ImportRecording(upload(offset_bytes=500_000))
    assert media.store.objects == {f"blobs/{response.recording.recording_id}": FILM}
    known = await media.stub.GetImport(pb.GetImportRequest(sha256=SHA256))
    assert (known.received_bytes, known.complete) == (len(FILM), True)


async def test_a_known_recording_is_answered_before_its_bytes_are_sent(media: Media) -> None:
    await imported(media)

    async def header_only() -> AsyncIterator[pb.ImportRecordingRequest]:
        yield next(iter(upload()))
        await asyncio.Event().wait()

    response = await media.stub.ImportRecording(header_only())
    assert response.recording.recording_id == SHA256


async def test_two_uploads_of_one_file_at_once_both_succeed(media: Media) -> None:
    calls = [media.stub.ImportRecording(upload()) for _ in range(4)]
    found = await asyncio.gather(*calls)
    assert {response.recording.recording_id for response in found} == {SHA256}
    assert media.store.objects == {f"blobs/{SHA256}": FILM}


@pytest.mark.parametrize(
    ("requests", "kind", "reason"),
    [
        ([], InvalidInputError, "HEADER_MISSING"),
        ([pb.ImportRecordingRequest(chunk=b"x")], InvalidInputError, "HEADER_MISSING"),
        ([*upload(), next(iter(upload()))], InvalidInputError, "CHUNK_EXPECTED"),
        (upload(FILM[:-1] + b"!"), InvalidInputError, "HASH_MISMATCH"),
        (upload(size_bytes=0), InvalidInputError, "EMPTY_FILE"),
        (upload(size_bytes=1 << 50), InvalidInputError, "FILE_TOO_LARGE"),
        (upload(offset_bytes=7), InvalidInputError, "GAP"),
        (upload(FILM[:1000]), UnavailableError, "INCOMPLETE_IMPORT"),
    ],
)
async def test_a_bad_import_is_refused_with_a_reason(
    media: Media,
    requests: Iterable[pb.ImportRecordingRequest],
    kind: type[ServiceError],
    reason: str,
) -> None:
    error = await failure_of(media.stub.ImportRecording(iter(requests)))
    assert (type(error), error.reason) == (kind, reason)


async def test_a_dropped_object_is_registered_under_its_own_name(media: Media) -> None:
    await media.store.write("inbox/ada/my talk.mp4", FILM)
    request = pb.RegisterRecordingRequest(source_uri="artifact://inbox/ada/my%20talk.mp4")
    recording = (await media.stub.RegisterRecording(request)).recording
    assert (recording.recording_id, recording.display_name) == (SHA256, "my talk.mp4")
    request.display_name = "Talk"
    assert (await media.stub.RegisterRecording(request)).recording.display_name == "Talk"


async def test_a_recording_tells_what_it_contains(media: Media) -> None:
    request = pb.ProbeMediaRequest(recording_id=await imported(media))
    found = (await media.stub.ProbeMedia(request)).media
    assert found.recording_id == SHA256
    assert found.streams[0].kind == pb.STREAM_KIND_AUDIO
    assert [warning.reason for warning in found.warnings] == ["LOW_SAMPLE_RATE"]


async def test_extraction_streams_progress_first_and_the_audio_last(media: Media) -> None:
    request = pb.ExtractAudioRequest(recording_id=await imported(media))
    responses: list[pb.ExtractAudioResponse] = []
    async for response in media.stub.ExtractAudio(request):
        responses.append(response)
        media.decoder.gate.set()
    assert [response.progress_ratio for response in responses[:-1]] == [0.5]
    audio = responses[-1].audio
    assert (audio.stream_index, audio.language_code) == (1, "en")
    assert (audio.sample_count, audio.sample_rate_hertz) == (16_000, 8000)
    assert audio.audio_uri.removeprefix("artifact://") in media.store.objects


async def test_a_caller_that_goes_away_ends_the_decoder(media: Media) -> None:
    call = media.stub.ExtractAudio(pb.ExtractAudioRequest(recording_id=await imported(media)))
    await anext(aiter(call))
    call.cancel()
    await eventually(lambda: media.decoder.cancelled_count == 1)


async def test_a_second_caller_gets_the_recorded_audio(media: Media) -> None:
    media.decoder.gate.set()
    request = pb.ExtractAudioRequest(recording_id=await imported(media))
    first = [response async for response in media.stub.ExtractAudio(request)]
    second = [response async for response in media.stub.ExtractAudio(request)]
    assert second[-1] == first[-1]
    assert media.decoder.decoded_count == 1


async def test_a_missing_language_names_the_field_and_the_offer(media: Media) -> None:
    request = pb.ExtractAudioRequest(recording_id=await imported(media), language_code="fr")
    error = await failure_of(media.stub.ExtractAudio(request))
    assert isinstance(error, InvalidInputError)
    assert (error.reason, error.field) == ("NO_SUCH_TRACK", "language_code")
    assert "1 (en)" in str(error)


async def test_an_artifact_is_read_from_any_offset(media: Media) -> None:
    uri = f"artifact://blobs/{await imported(media)}"
    for offset in (0, 1, len(FILM) - 1, len(FILM)):
        request = pb.ReadArtifactRequest(artifact_uri=uri, offset_bytes=offset)
        chunks = [response.chunk async for response in media.stub.ReadArtifact(request)]
        assert b"".join(chunks) == FILM[offset:]


async def test_what_is_not_there_is_not_found(media: Media) -> None:
    unknown = "0" * 64
    calls = (
        media.stub.ProbeMedia(pb.ProbeMediaRequest(recording_id=unknown)),
        media.stub.ExtractAudio(pb.ExtractAudioRequest(recording_id=unknown)),
        media.stub.ReadArtifact(pb.ReadArtifactRequest(artifact_uri="artifact://blobs/none")),
        media.stub.RegisterRecording(pb.RegisterRecordingRequest(source_uri="artifact://in/x")),
    )
    for call in calls:
        assert isinstance(await failure_of(call), NotFoundError)


async def test_malformed_requests_are_refused(media: Media) -> None:
    uri = f"artifact://blobs/{await imported(media)}"
    calls = (
        media.stub.GetImport(pb.GetImportRequest(sha256="../../etc")),
        media.stub.ProbeMedia(pb.ProbeMediaRequest(recording_id="x")),
        media.stub.ExtractAudio(pb.ExtractAudioRequest()),
        media.stub.ReadArtifact(pb.ReadArtifactRequest(artifact_uri="file:///etc/passwd")),
        media.stub.ReadArtifact(pb.ReadArtifactRequest(artifact_uri=uri, offset_bytes=-1)),
    )
    for call in calls:
        assert isinstance(await failure_of(call), InvalidInputError)


async def test_the_queue_gives_the_same_answers_as_events(media: Media) -> None:
    media.decoder.gate.set()
    recording_id = await imported(media)
    probe, extract = handlers(media.probing, media.extraction)
    assert (probe.method, extract.method) == (wire.PROBE_MEDIA, wire.EXTRACT_AUDIO)
    assert extract.method == "ttstrainer.media.v1.MediaService.ExtractAudio"

    probed = await probe.handle(pb.ProbeMediaRequest(recording_id=recording_id), lambda _: None)
    assert isinstance(probed, events.MediaProbed)
    asked = pb.ExtractAudioRequest(recording_id=recording_id)
    extracted = await extract.handle(asked, lambda _: None)
    assert isinstance(extracted, events.AudioExtracted)
    responses = [response async for response in media.stub.ExtractAudio(asked)]
    assert responses[-1].audio == extracted.audio
