"""The transcription service behind a real channel, with a recogniser that knows tones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import numpy as np

from services.chassis.blobs import add_file, add_message, read_message
from services.chassis.channel import error_of
from services.chassis.steps import StepResults
from services.transcription.model_catalogue import NEEDED_FILES, ModelCatalogue
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import RecogniserDescription, Samples
from services.transcription.servicer import TranscriptionServicer
from services.transcription.settings import TranscriptionSettings
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.recogniser import FakeRecogniser, LoudnessDetector
from tests.fakes.serving import serving
from tests.speech import save, silence, tone
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
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


@asynccontextmanager
async def transcription_service(folder: Path) -> AsyncIterator[Transcription]:
    """Serves for as long as the block runs; its model and its sounds lie below `folder`."""
    model = folder / "model"
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
        ModelCatalogue(folder / "models", allow_downloads=False),
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
        yield Transcription(stub, store, recogniser, servicer, folder)
    recognisers.close()
