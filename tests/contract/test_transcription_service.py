"""TranscriptionService behind a real channel, with a recogniser that knows tones."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import numpy as np
import pytest

from services.chassis.blobs import add_bytes, add_file, add_message, read_message
from services.chassis.channel import error_of
from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError, ServiceError
from services.chassis.steps import StepResults
from services.transcription.model_catalogue import NEEDED_FILES, ModelCatalogue
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import RecogniserDescription, Samples
from services.transcription.servicer import TranscriptionServicer
from services.transcription.settings import TranscriptionSettings
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from services.transcription.wire import TRANSCRIBE, VERIFY
from services.transcription.worker import handlers
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.recogniser import FakeRecogniser, LoudnessDetector
from tests.fakes.serving import serving
from tests.speech import save, silence, tone
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.transcription.v1 import transcription_events_pb2 as events
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import (
    TranscriptionServiceStub,
    add_TranscriptionServiceServicer_to_server,
)

RATE = 24_000
PHRASES = {
    300: "all circuits are busy now please try again",
    500: "enter your password followed by pound",
    700: "thank you for calling us today goodbye",
}
SECOND_PHRASES = {700: "tanks are falling on us to buy a boy"}


@dataclass(frozen=True)
class Transcription:
    """The service, seen from both sides."""

    stub: TranscriptionServiceStub
    store: InMemoryArtifacts
    recogniser: FakeRecogniser
    servicer: TranscriptionServicer
    folder: Path

    async def add_recording(self, *hertz: int, gap_seconds: float = 1.5) -> tuple[str, str]:
        """Keeps three seconds of each tone; returns the URIs of the audio and of its clips."""
        parts: list[Samples] = [silence(gap_seconds, sample_rate_hertz=RATE)]
        clips = []
        for each in hertz:
            start = sum(map(len, parts))
            parts.append(tone(3, hertz=each, sample_rate_hertz=RATE))
            clips.append(
                qc.Clip(clip_id=f"rec-{start}", start_sample=start, end_sample=start + 3 * RATE)
            )
            clips[-1].verdict = qc.VERDICT_ACCEPTED
            parts.append(silence(gap_seconds, sample_rate_hertz=RATE))
        audio = await add_file(
            self.store, save(self.folder / "audio.wav", np.concatenate(parts), RATE)
        )
        clip_set = qc.ClipSet(recording_id="rec", sample_rate_hertz=RATE, clips=clips)
        return audio.uri, (await add_message(self.store, clip_set)).uri

    async def transcribe(self, **fields: str) -> list[pb.TranscribeAudioResponse]:
        """Returns all responses, or raises what the service raised."""
        request = pb.TranscribeAudioRequest(recording_id="rec", **fields)
        try:
            return [response async for response in self.stub.TranscribeAudio(request)]
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error

    async def document(self, transcript: pb.Transcript) -> pb.TranscriptDocument:
        """Returns the texts of the clips."""
        return await read_message(self.store, transcript.transcript_uri, pb.TranscriptDocument)

    async def verdicts(self, **fields: str) -> tuple[pb.VerifiedTranscript, list[pb.ClipVerdict]]:
        """Returns the result of VerifyTranscript and what it points to."""
        request = pb.VerifyTranscriptRequest(recording_id="rec", language_code="en", **fields)
        responses = [response async for response in self.stub.VerifyTranscript(request)]
        verified = responses[-1].verified
        document = await read_message(self.store, verified.verdicts_uri, pb.VerdictDocument)
        return verified, list(document.clips)


@pytest.fixture
async def transcription(tmp_path: Path) -> AsyncIterator[Transcription]:
    model = tmp_path / "model"
    model.mkdir()
    for name in NEEDED_FILES:
        (model / name).write_bytes(b"weights")
    recogniser = FakeRecogniser(
        RecogniserDescription(str(model), "", "cpu", "int8"),
        phrases=PHRASES,
        second_phrases=SECOND_PHRASES,
    )
    settings = TranscriptionSettings(
        store_url="file:///unused", model=str(model), language_model="none", batch_size=2
    )
    store = InMemoryArtifacts()
    steps = StepResults(store)
    recognisers = Recognisers(
        ModelCatalogue(tmp_path / "models", allow_downloads=False),
        lambda *_: recogniser,
        default_model=settings.model,
        device="cpu",
        compute_type="int8",
        capacity=1,
    )
    transcriber = Transcriber(store, steps, recognisers, LoudnessDetector(), settings)
    verifier = Verifier(store, steps, recognisers, settings)
    servicer = TranscriptionServicer(store, transcriber, verifier, recognisers)
    async with serving(partial(add_TranscriptionServiceServicer_to_server, servicer)) as channel:
        stub = TranscriptionServiceStub(channel)
        yield Transcription(stub, store, recogniser, servicer, tmp_path)
    recognisers.close()


async def test_segments_and_progress_come_before_the_transcript(
    transcription: Transcription,
) -> None:
    audio, clips = await transcription.add_recording(300, 500, 700)
    responses = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    kinds = [response.WhichOneof("payload") for response in responses]
    assert kinds[-1] == "transcript"
    assert kinds.count("segment") == 3
    assert responses[-2].progress_ratio == 1.0
    starts = [r.segment.start_seconds for r in responses if r.HasField("segment")]
    assert starts == [1.5, 6.0, 10.5]


async def test_every_accepted_clip_comes_back_with_its_own_text(
    transcription: Transcription,
) -> None:
    audio, clips = await transcription.add_recording(700, 300, 500)
    responses = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    transcript = responses[-1].transcript
    document = await transcription.document(transcript)
    assert [clip.text for clip in document.clips] == [PHRASES[700], PHRASES[300], PHRASES[500]]
    assert [clip.clip_id for clip in document.clips] == ["rec-36000", "rec-144000", "rec-252000"]
    assert transcript.clip_count == 3
    assert transcript.word_count == 7 + 8 + 6
    assert transcript.speech_seconds == 9.0
    assert transcript.language_code == "en"
    assert transcript.recogniser.compute_type == "int8"
    assert transcription.recogniser.batch_sizes == [2, 1]


async def test_rejected_clips_are_not_transcribed(transcription: Transcription) -> None:
    audio, uri = await transcription.add_recording(300, 500)
    clips = await read_message(transcription.store, uri, qc.ClipSet)
    clips.clips[0].verdict = qc.VERDICT_REJECTED
    rejected = (await add_message(transcription.store, clips)).uri
    responses = await transcription.transcribe(audio_uri=audio, clips_uri=rejected)
    document = await transcription.document(responses[-1].transcript)
    assert [clip.text for clip in document.clips] == [PHRASES[500]]


async def test_a_recording_without_accepted_clips_has_an_empty_transcript(
    transcription: Transcription,
) -> None:
    audio, clips = await transcription.add_recording()
    (response,) = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    assert response.transcript.clip_count == 0


async def test_audio_without_clips_is_cut_at_its_pauses(transcription: Transcription) -> None:
    audio, _ = await transcription.add_recording(300, 500)
    responses = await transcription.transcribe(audio_uri=audio)
    document = await transcription.document(responses[-1].transcript)
    assert [clip.text for clip in document.clips] == [PHRASES[300], PHRASES[500]]
    assert all(clip.clip_id.startswith("rec-") for clip in document.clips)


async def test_asking_again_computes_nothing_and_streams_the_same_segments(
    transcription: Transcription,
) -> None:
    audio, clips = await transcription.add_recording(300, 500)
    first = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    decoded = list(transcription.recogniser.batch_sizes)
    again = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    assert transcription.recogniser.batch_sizes == decoded
    assert again[-1] == first[-1]
    assert [r.segment for r in again if r.HasField("segment")] == [
        r.segment for r in first if r.HasField("segment")
    ]


async def test_subtitles_give_the_text_and_what_was_heard_is_kept_beside_it(
    transcription: Transcription,
) -> None:
    audio, clips = await transcription.add_recording(300, 500)
    srt = (
        "1\n00:00:01,500 --> 00:00:04,500\nALL circuits are busy now; please, try again!\n\n"
        "2\n00:00:06,000 --> 00:00:09,000\nsomething quite different is written here\n"
    )
    subtitles = await add_bytes(transcription.store, srt.encode())
    responses = await transcription.transcribe(
        audio_uri=audio, clips_uri=clips, subtitles_uri=subtitles.uri
    )
    transcript = responses[-1].transcript
    assert transcript.from_subtitles
    right, wrong = (await transcription.document(transcript)).clips
    assert right.text == "ALL circuits are busy now; please, try again!"
    assert right.recognised_text == PHRASES[300]
    verified, verdicts = await transcription.verdicts(
        audio_uri=audio, transcript_uri=transcript.transcript_uri
    )
    assert [verdict.accepted for verdict in verdicts] == [True, False]
    assert [reason.code for reason in verdicts[1].reasons] == ["SUBTITLE_MISMATCH"]
    assert (verified.accepted_count, verified.rejected_count) == (1, 1)
    assert wrong.recognised_text == PHRASES[500]


async def test_only_doubtful_clips_are_decoded_again_and_disagreement_rejects_them(
    transcription: Transcription,
) -> None:
    transcription.recogniser.confidences = {500: 0.7, 700: 0.7}
    audio, clips = await transcription.add_recording(300, 500, 700)
    responses = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    verified, verdicts = await transcription.verdicts(
        audio_uri=audio, transcript_uri=responses[-1].transcript.transcript_uri
    )
    assert verified.second_decoding_count == 2
    assert transcription.recogniser.alone_count == 2
    assert [verdict.accepted for verdict in verdicts] == [True, True, False]
    assert [reason.code for reason in verdicts[2].reasons] == ["DISAGREEMENT"]
    assert not verdicts[0].HasField("second_decoding_word_error_rate")
    assert verdicts[1].second_decoding_word_error_rate == 0.0


async def test_clips_in_another_language_than_asked_are_rejected(
    transcription: Transcription,
) -> None:
    transcription.recogniser.language_probabilities = {"es": 0.9, "en": 0.1}
    audio, clips = await transcription.add_recording(300)
    responses = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    _, (verdict,) = await transcription.verdicts(
        audio_uri=audio, transcript_uri=responses[-1].transcript.transcript_uri
    )
    assert [reason.code for reason in verdict.reasons] == ["WRONG_LANGUAGE"]


@pytest.mark.parametrize(
    ("fields", "expected", "field"),
    [
        ({"audio_uri": "artifact://blobs/" + 64 * "0"}, NotFoundError, "uri"),
        ({"audio_uri": "file:///etc/passwd"}, InvalidInputError, "audio_uri"),
        ({"language_code": "klingon!"}, InvalidInputError, "language_code"),
        ({"language_code": "es"}, InvalidInputError, "language_code"),
        ({"model": "large-v3"}, ConflictError, "model"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(
    transcription: Transcription,
    fields: dict[str, str],
    expected: type[ServiceError],
    field: str,
) -> None:
    audio, clips = await transcription.add_recording(300)
    with pytest.raises(expected) as caught:
        await transcription.transcribe(**{"audio_uri": audio, "clips_uri": clips, **fields})
    assert caught.value.field == field


async def test_what_is_no_audio_is_refused(transcription: Transcription) -> None:
    blob = await add_bytes(transcription.store, b"This is a text, not a sound.")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        await transcription.transcribe(audio_uri=blob.uri)


async def test_clips_of_other_audio_are_refused(transcription: Transcription) -> None:
    _, clips = await transcription.add_recording(300, 500, 700)
    short, _ = await transcription.add_recording(300)
    with pytest.raises(InvalidInputError, match="give the audio that the clips were made from"):
        await transcription.transcribe(audio_uri=short, clips_uri=clips)


async def test_subtitles_that_are_none_are_refused(transcription: Transcription) -> None:
    audio, clips = await transcription.add_recording(300)
    text = await add_bytes(transcription.store, b"once upon a time")
    with pytest.raises(InvalidInputError, match="SRT or WebVTT"):
        await transcription.transcribe(audio_uri=audio, clips_uri=clips, subtitles_uri=text.uri)


async def test_a_caller_who_leaves_stops_the_decoding(transcription: Transcription) -> None:
    audio, clips = await transcription.add_recording(*[300] * 40, gap_seconds=0.2)
    request = pb.TranscribeAudioRequest(recording_id="rec", audio_uri=audio, clips_uri=clips)
    call = transcription.stub.TranscribeAudio(request)
    assert await call.read()
    call.cancel()
    decoded = transcription.recogniser.batch_sizes

    async def rests() -> bool:
        before = len(decoded)
        await asyncio.sleep(0.05)
        return before == len(decoded)

    await eventually(rests)
    assert sum(decoded) < 40


async def test_get_model_tells_what_would_answer(transcription: Transcription) -> None:
    before = await transcription.stub.GetModel(pb.GetModelRequest())
    assert not before.loaded
    assert before.recogniser.device == "cpu"
    audio, clips = await transcription.add_recording(300)
    await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    after = await transcription.stub.GetModel(pb.GetModelRequest())
    assert after.loaded
    assert after.recogniser == before.recogniser


async def test_the_worker_publishes_what_the_calls_return(transcription: Transcription) -> None:
    servicer = transcription.servicer
    work = {
        handler.method: handler for handler in handlers(servicer.transcriber, servicer.verifier)
    }
    assert set(work) == {TRANSCRIBE, VERIFY}
    audio, clips = await transcription.add_recording(300)
    request = pb.TranscribeAudioRequest(recording_id="rec", audio_uri=audio, clips_uri=clips)
    fractions: list[float] = []
    event = await work[TRANSCRIBE].handle(request, fractions.append)
    assert isinstance(event, events.AudioTranscribed)
    answered = await transcription.transcribe(audio_uri=audio, clips_uri=clips)
    assert event.transcript == answered[-1].transcript
    assert fractions[-1] == 1.0
    verify = pb.VerifyTranscriptRequest(
        recording_id="rec", audio_uri=audio, transcript_uri=event.transcript.transcript_uri
    )
    verified = await work[VERIFY].handle(verify, fractions.append)
    assert isinstance(verified, events.TranscriptVerified)
    assert verified.verified.accepted_count == 1
