"""AudioQcService behind a real channel: what each RPC answers and how it fails."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import grpc
import numpy as np
import pytest
import soundfile

from services.audio_qc import wire
from services.audio_qc.grade_audio import GradeAudio
from services.audio_qc.prepare_audio import PrepareAudio
from services.audio_qc.servicer import AudioQcServicer
from services.audio_qc.settings import AudioQcSettings
from services.audio_qc.worker import handlers
from services.chassis.artifacts import key_of
from services.chassis.blobs import add_bytes, add_file, read_message
from services.chassis.channel import error_of
from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ServiceError,
)
from services.chassis.steps import StepResults
from tests import speech
from tests.eventually import eventually
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.audio_qc import FakeModels
from tests.fakes.serving import serving
from tests.speech import Samples
from ttstrainer.audio_qc.v1 import audio_qc_events_pb2 as events
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import (
    AudioQcServiceStub,
    add_AudioQcServiceServicer_to_server,
)

SETTINGS = AudioQcSettings(store_url="file:///unused", min_bandwidth_hertz=0, min_snr_decibels=-100)


@dataclass(frozen=True)
class AudioQc:
    """The service, seen from both sides."""

    stub: AudioQcServiceStub
    store: InMemoryArtifacts
    models: FakeModels
    preparation: PrepareAudio
    scratch: Path

    async def audio(self, samples: Samples, rate: int = 16_000) -> str:
        """Puts sound into the store and returns its URI."""
        path = speech.save(self.scratch.parent / "sound.wav", samples, rate)
        return (await add_file(self.store, path)).uri

    async def prepared(self, **wishes: object) -> pb.PreparedAudio:
        """Prepares and returns what the last message holds."""
        request = pb.PrepareAudioRequest(recording_id="rec", **wishes)  # type: ignore[arg-type]
        responses = [response async for response in self.stub.PrepareAudio(request)]
        assert all(each.WhichOneof("payload") == "progress_ratio" for each in responses[:-1])
        return responses[-1].prepared


@pytest.fixture
async def audio_qc(tmp_path: Path) -> AsyncIterator[AudioQc]:
    store, models = InMemoryArtifacts(), FakeModels()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with ThreadPoolExecutor(2) as executor:
        steps = StepResults(store)
        grading = GradeAudio(
            store=store,
            steps=steps,
            settings=SETTINGS,
            models=models,
            executor=executor,
            scratch=scratch,
        )
        preparation = PrepareAudio(
            store=store,
            steps=steps,
            settings=SETTINGS,
            models=models,
            executor=executor,
            scratch=scratch,
        )
        servicer = AudioQcServicer(grading, preparation)
        async with serving(partial(add_AudioQcServiceServicer_to_server, servicer)) as channel:
            yield AudioQc(AudioQcServiceStub(channel), store, models, preparation, scratch)


def talk(*tones: tuple[float, float], gap_seconds: float = 1.5) -> Samples:
    """Tones of (hertz, seconds), which our models take for speech of different people."""
    gap = speech.noise(gap_seconds, rms=0.0005)
    parts = [gap]
    for hertz, seconds in tones:
        parts += [speech.tone(seconds, hertz=hertz, peak=0.3), gap]
    return np.concatenate(parts)


async def failure_of(call: grpc.aio.UnaryUnaryCall | grpc.aio.UnaryStreamCall) -> ServiceError:  # type: ignore[type-arg]
    """Returns what a call failed with, in the words of our taxonomy."""
    try:
        if isinstance(call, grpc.aio.UnaryStreamCall):
            async for _ in call:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error_of(error)
    pytest.fail("the call succeeded")


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
    reading = asyncio.ensure_future(call.read())
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


@pytest.mark.parametrize(
    ("content", "reason"), [(b"no audio", "UNREADABLE_AUDIO"), (b"", "UNREADABLE_AUDIO")]
)
async def test_what_is_no_audio_is_refused(audio_qc: AudioQc, content: bytes, reason: str) -> None:
    uri = (await add_bytes(audio_qc.store, content)).uri
    error = await failure_of(audio_qc.stub.GradeAudio(pb.GradeAudioRequest(audio_uri=uri)))
    assert isinstance(error, InvalidInputError)
    assert (error.reason, error.field) == (reason, "audio_uri")


async def test_audio_without_samples_is_refused(audio_qc: AudioQc) -> None:
    uri = await audio_qc.audio(speech.silence(0))
    request = pb.PrepareAudioRequest(recording_id="r", audio_uri=uri)
    error = await failure_of(audio_qc.stub.PrepareAudio(request))
    assert isinstance(error, InvalidInputError)
    assert error.reason == "EMPTY_AUDIO"


async def test_unknown_audio_is_not_found(audio_qc: AudioQc) -> None:
    request = pb.GradeAudioRequest(audio_uri=f"artifact://blobs/{'0' * 64}")
    assert isinstance(await failure_of(audio_qc.stub.GradeAudio(request)), NotFoundError)


@pytest.mark.parametrize("uri", ["", "/etc/passwd", "file:///etc/passwd", "artifact://../x"])
async def test_only_artifacts_are_read(audio_qc: AudioQc, uri: str) -> None:
    request = pb.PrepareAudioRequest(recording_id="r", audio_uri=uri)
    error = await failure_of(audio_qc.stub.PrepareAudio(request))
    assert isinstance(error, InvalidInputError)
    assert error.field == "audio_uri"


async def test_a_reference_without_speech_is_refused(audio_qc: AudioQc) -> None:
    request = pb.PrepareAudioRequest(
        recording_id="r",
        audio_uri=await audio_qc.audio(talk((440, 4))),
        reference_audio_uri=await audio_qc.audio(speech.silence(3)),
    )
    error = await failure_of(audio_qc.stub.PrepareAudio(request))
    assert isinstance(error, InvalidInputError)
    assert (error.reason, error.field) == ("NO_SPEECH", "reference_audio_uri")


async def test_a_missing_model_says_what_to_install(tmp_path: Path) -> None:
    store = InMemoryArtifacts()
    with ThreadPoolExecutor(1) as executor:
        grading = GradeAudio(
            store=store,
            steps=StepResults(store),
            settings=SETTINGS,
            models=FakeModels(installed=False),
            executor=executor,
            scratch=tmp_path,
        )
        with pytest.raises(ConflictError, match="make setup"):
            await grading.grade(pb.GradeAudioRequest(audio_uri="artifact://blobs/0"))
