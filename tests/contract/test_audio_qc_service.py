"""AudioQcService behind a real channel: what each RPC answers."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile

from services.audio_qc import wire
from services.audio_qc.worker import handlers
from services.chassis.artifacts import key_of
from services.chassis.blobs import read_message
from tests import speech
from tests.audio_qc_service import AudioQc, audio_qc_service, talk
from tests.eventually import eventually
from ttstrainer.audio_qc.v1 import audio_qc_events_pb2 as events
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb


@pytest.fixture
async def audio_qc(tmp_path: Path) -> AsyncIterator[AudioQc]:
    async with audio_qc_service(tmp_path) as service:
        yield service


async def test_audio_is_graded(audio_qc: AudioQc) -> None:
    uri = await audio_qc.audio(talk((440, 4), (440, 3)))
    grade = (await audio_qc.stub.GradeAudio(pb.GradeAudioRequest(audio_uri=uri))).grade
    assert grade.verdict == pb.VERDICT_ACCEPTED
    assert grade.sample_rate_hertz == 16_000
    assert grade.duration_seconds == pytest.approx(11.5)
    assert grade.speech_ratio == pytest.approx(7 / 11.5, abs=0.02)
    assert grade.silence_ratio == pytest.approx(1 - grade.speech_ratio)
    assert grade.dnsmos_overall == 3.0


async def test_a_request_may_ask_for_more_than_the_settings_do(audio_qc: AudioQc) -> None:
    request = pb.GradeAudioRequest(
        audio_uri=await audio_qc.audio(talk((440, 4))), min_sample_rate_hertz=44_100
    )
    grade = (await audio_qc.stub.GradeAudio(request)).grade
    assert grade.verdict == pb.VERDICT_REJECTED
    assert [reason.code for reason in grade.reasons] == ["LOW_SAMPLE_RATE"]


async def test_a_recording_becomes_one_file_and_clips_that_account_for_it(
    audio_qc: AudioQc, tmp_path: Path
) -> None:
    uri = await audio_qc.audio(talk((440, 4), (440, 3), (440, 0.5)))
    prepared = await audio_qc.prepared(audio_uri=uri)
    clips = await read_message(audio_qc.store, prepared.clips_uri, pb.ClipSet)
    assert (prepared.accepted_count, prepared.rejected_count) == (2, 1)
    assert prepared.sample_count == clips.sample_count == 24_000 * 13.5
    covered = sorted(
        [(clip.start_sample, clip.end_sample) for clip in clips.clips]
        + [(gap.start_sample, gap.end_sample) for gap in clips.gaps]
    )
    assert covered[0][0] == 0
    assert covered[-1][1] == clips.sample_count
    assert all(left[1] == right[0] for left, right in pairwise(covered))
    assert [reason.code for reason in clips.clips[2].reasons] == ["TOO_SHORT"]

    wav = tmp_path / "prepared.wav"
    wav.write_bytes(await audio_qc.store.read(key_of(prepared.audio_uri)))
    samples, rate = soundfile.read(wav, dtype="int16")
    assert rate == 24_000
    for clip in clips.clips:
        pcm = samples[clip.start_sample : clip.end_sample].astype("<i2").tobytes()
        assert clip.pcm_sha256 == hashlib.sha256(pcm).hexdigest()
        assert clip.clip_id == f"rec-{clip.start_sample}"


async def test_the_speech_has_the_loudness_asked_for(audio_qc: AudioQc) -> None:
    uri = await audio_qc.audio(0.1 * talk((440, 6)))
    prepared = await audio_qc.prepared(audio_uri=uri, target_loudness_lufs=-23)
    clips = await read_message(audio_qc.store, prepared.clips_uri, pb.ClipSet)
    assert clips.clips[0].grade.integrated_loudness_lufs == pytest.approx(-23, abs=0.2)


async def test_the_voice_that_speaks_longest_is_kept(audio_qc: AudioQc) -> None:
    uri = await audio_qc.audio(talk((440, 4), (1_440, 3), (440, 4)))
    prepared = await audio_qc.prepared(audio_uri=uri)
    clips = await read_message(audio_qc.store, prepared.clips_uri, pb.ClipSet)
    assert [clip.speaker_id for clip in clips.clips] == ["speaker_1", "speaker_2", "speaker_1"]
    assert [reason.code for reason in clips.clips[1].reasons] == ["OTHER_SPEAKER"]
    assert [each.is_target for each in prepared.speakers] == [True, False]


async def test_the_voice_of_the_reference_is_kept(audio_qc: AudioQc) -> None:
    reference = await audio_qc.audio(talk((1_440, 2)))
    uri = await audio_qc.audio(talk((440, 4), (1_440, 3), (440, 4)))
    prepared = await audio_qc.prepared(audio_uri=uri, reference_audio_uri=reference)
    assert (prepared.accepted_count, prepared.rejected_count) == (1, 2)
    assert prepared.speakers[0].speaker_id == "speaker_2"
    assert prepared.speakers[0].is_target
    assert prepared.speakers[0].reference_similarity == 1.0


async def test_a_reference_speaker_who_does_not_speak_rejects_all(audio_qc: AudioQc) -> None:
    reference = await audio_qc.audio(talk((3_440, 2)))
    uri = await audio_qc.audio(talk((440, 4), (440, 4)))
    prepared = await audio_qc.prepared(audio_uri=uri, reference_audio_uri=reference)
    clips = await read_message(audio_qc.store, prepared.clips_uri, pb.ClipSet)
    assert prepared.accepted_count == 0
    codes = {reason.code for clip in clips.clips for reason in clip.reasons}
    assert codes == {"REFERENCE_NOT_FOUND"}
    assert not any(speaker.is_target for speaker in prepared.speakers)


async def test_silence_is_a_result_without_clips(audio_qc: AudioQc) -> None:
    prepared = await audio_qc.prepared(audio_uri=await audio_qc.audio(speech.silence(5)))
    clips = await read_message(audio_qc.store, prepared.clips_uri, pb.ClipSet)
    assert len(clips.clips) == 0
    assert [(gap.start_sample, gap.end_sample) for gap in clips.gaps] == [(0, 120_000)]
    assert [reason.code for reason in prepared.source_grade.reasons] == ["NO_SPEECH"]


async def test_what_was_prepared_is_not_prepared_again(audio_qc: AudioQc) -> None:
    rated = 0

    def count() -> None:
        nonlocal rated
        rated += 1

    audio_qc.models.on_rate = count
    uri = await audio_qc.audio(talk((440, 4)))
    first = await audio_qc.prepared(audio_uri=uri)
    once = rated
    assert once > 0
    assert await audio_qc.prepared(audio_uri=uri) == first
    assert rated == once
    assert await audio_qc.prepared(audio_uri=uri, target_loudness_lufs=-25) != first
    assert rated > once


async def test_the_same_recording_gives_the_same_bytes(audio_qc: AudioQc) -> None:
    uri = await audio_qc.audio(talk((440, 4), (1_440, 3)))
    first = await audio_qc.prepared(audio_uri=uri)
    for key in [key for key in audio_qc.store.objects if key != key_of(uri)]:
        await audio_qc.store.delete(key)
    assert await audio_qc.prepared(audio_uri=uri) == first


async def test_a_caller_who_goes_away_ends_the_work(audio_qc: AudioQc) -> None:
    rating, going_on = threading.Event(), threading.Event()

    def wait() -> None:
        rating.set()
        going_on.wait(10)

    audio_qc.models.on_rate = wait
    uri = await audio_qc.audio(talk(*[(440, 4)] * 5))
    call = audio_qc.stub.PrepareAudio(pb.PrepareAudioRequest(recording_id="r", audio_uri=uri))

    async def read() -> None:
        async for _ in call:  # progress, as far as it came
            pass

    reading = asyncio.ensure_future(read())
    await eventually(rating.is_set)
    call.cancel()
    going_on.set()
    await eventually(lambda: not any(audio_qc.scratch.iterdir()))
    assert not any(key.startswith("steps/") for key in audio_qc.store.objects)
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_the_work_queue_gets_the_same_answer_as_an_event(audio_qc: AudioQc) -> None:
    (handler,) = handlers(audio_qc.preparation)
    uri = await audio_qc.audio(talk((440, 4)))
    fractions: list[float] = []
    event = await handler.handle(
        pb.PrepareAudioRequest(recording_id="rec", audio_uri=uri), fractions.append
    )
    assert isinstance(event, events.AudioPrepared)
    assert event.prepared == await audio_qc.prepared(audio_uri=uri)
    assert handler.method == wire.PREPARE_AUDIO
    assert fractions == sorted(fractions)
    assert fractions[-1] >= 0.8
