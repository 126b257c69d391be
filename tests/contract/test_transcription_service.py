"""TranscriptionService behind a real channel: what each RPC answers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.blobs import add_bytes, add_message, read_message
from services.transcription.wire import TRANSCRIBE, VERIFY
from services.transcription.worker import handlers
from tests.eventually import eventually
from tests.transcription_service import PHRASES, Transcription, transcription_service
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.transcription.v1 import transcription_events_pb2 as events
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb


@pytest.fixture
async def transcription(tmp_path: Path) -> AsyncIterator[Transcription]:
    async with transcription_service(tmp_path) as service:
        yield service


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
