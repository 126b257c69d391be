"""What AudioQcService refuses, and the reasons it gives."""

import math
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import soundfile

from services.audio_qc.grade_audio import GradeAudio
from services.chassis.blobs import add_bytes, add_file
from services.chassis.channel import error_of
from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ServiceError,
)
from services.chassis.steps import StepResults
from tests import speech
from tests.audio_qc_service import SETTINGS, AudioQc, audio_qc_service, talk
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.audio_qc import FakeModels
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb


@pytest.fixture
async def audio_qc(tmp_path: Path) -> AsyncIterator[AudioQc]:
    async with audio_qc_service(tmp_path) as service:
        yield service


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


@pytest.mark.parametrize("rate", [1, 100, 3_000])
async def test_audio_of_too_few_samples_a_second_is_refused(audio_qc: AudioQc, rate: int) -> None:
    uri = await audio_qc.audio(speech.noise(5.0), rate)
    for call in (
        audio_qc.stub.GradeAudio(pb.GradeAudioRequest(audio_uri=uri)),
        audio_qc.stub.PrepareAudio(pb.PrepareAudioRequest(recording_id="r", audio_uri=uri)),
    ):
        error = await failure_of(call)
        assert isinstance(error, InvalidInputError)
        assert (error.reason, error.field) == ("LOW_SAMPLE_RATE", "audio_uri")


@pytest.mark.parametrize("sample", [math.nan, math.inf, -1e30])
async def test_audio_with_samples_that_cannot_be_is_refused(
    audio_qc: AudioQc, tmp_path: Path, sample: float
) -> None:
    samples = speech.noise(5.0)
    samples[1000] = sample
    path = tmp_path / "floats.wav"
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    uri = (await add_file(audio_qc.store, path)).uri
    for call in (
        audio_qc.stub.GradeAudio(pb.GradeAudioRequest(audio_uri=uri)),
        audio_qc.stub.PrepareAudio(pb.PrepareAudioRequest(recording_id="r", audio_uri=uri)),
    ):
        error = await failure_of(call)
        assert isinstance(error, InvalidInputError)
        assert (error.reason, error.field) == ("UNREADABLE_AUDIO", "audio_uri")


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
