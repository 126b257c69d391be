"""Starts the transcription service: `python -m services.transcription`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.speech.vad import SileroVad
from services.transcription import worker
from services.transcription.model_catalogue import ModelCatalogue
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import RecogniserDescription
from services.transcription.servicer import TranscriptionServicer
from services.transcription.settings import TranscriptionSettings
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from services.transcription.whisper import WhisperRecogniser
from services.transcription.wire import SERVICE
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import (
    add_TranscriptionServiceServicer_to_server,
)


@asynccontextmanager
async def compose(settings: TranscriptionSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""

    def load(folder: Path, description: RecogniserDescription) -> WhisperRecogniser:
        return WhisperRecogniser(folder, description, cpu_thread_count=settings.cpu_threads)

    recognisers = Recognisers(
        ModelCatalogue(settings.models_dir, allow_downloads=settings.allow_downloads),
        load,
        default_model=settings.model,
        device=settings.device,
        compute_type=settings.compute_type,
        capacity=settings.loaded_models,
    )
    store, steps = resources.store, resources.steps
    transcriber = Transcriber(store, steps, recognisers, SileroVad(), settings)
    verifier = Verifier(store, steps, recognisers, settings)
    servicer = TranscriptionServicer(store, transcriber, verifier, recognisers)

    def register(server: grpc.aio.Server) -> None:
        add_TranscriptionServiceServicer_to_server(servicer, server)

    try:
        yield Edges(
            register=register,
            service_names=(SERVICE,),
            work=worker.handlers(transcriber, verifier),
        )
    finally:
        recognisers.close()


if __name__ == "__main__":
    run(
        TranscriptionSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
