"""Starts the audio-qc service: `python -m services.audio_qc`."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import grpc

from services.audio_qc import worker
from services.audio_qc.grade_audio import GradeAudio
from services.audio_qc.inference import Models
from services.audio_qc.prepare_audio import PrepareAudio
from services.audio_qc.servicer import AudioQcServicer
from services.audio_qc.settings import AudioQcSettings
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import add_AudioQcServiceServicer_to_server
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events


@asynccontextmanager
async def compose(settings: AudioQcSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    models = Models(thread_count=settings.inference_threads)
    with ThreadPoolExecutor(settings.max_concurrent_steps, "inference") as executor:
        grading = GradeAudio(
            store=resources.store,
            steps=resources.steps,
            settings=settings,
            models=models,
            executor=executor,
            scratch=resources.scratch,
        )
        preparation = PrepareAudio(
            store=resources.store,
            steps=resources.steps,
            settings=settings,
            models=models,
            executor=executor,
            scratch=resources.scratch,
        )
        servicer = AudioQcServicer(grading, preparation)

        def register(server: grpc.aio.Server) -> None:
            add_AudioQcServiceServicer_to_server(servicer, server)

        yield Edges(
            register=register,
            service_names=(pb.DESCRIPTOR.services_by_name["AudioQcService"].full_name,),
            work=worker.handlers(preparation),
        )


if __name__ == "__main__":
    run(
        AudioQcSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
