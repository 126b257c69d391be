"""Starts the media service: `python -m services.media`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import grpc

from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.media import worker
from services.media.abandoned_imports import sweep_regularly
from services.media.extraction import Extraction
from services.media.ffmpeg import Ffmpeg, version_of
from services.media.ffprobe import Ffprobe
from services.media.importing import Imports
from services.media.intake import Intake
from services.media.probing import Probing
from services.media.servicer import MediaServicer
from services.media.settings import MediaSettings
from ttstrainer.media.v1 import media_service_pb2 as pb
from ttstrainer.media.v1.media_service_pb2_grpc import add_MediaServiceServicer_to_server
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events


@asynccontextmanager
async def compose(settings: MediaSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    store, steps, scratch = resources.store, resources.steps, resources.scratch
    ffprobe = Ffprobe(
        program=settings.ffprobe,
        version=await version_of(settings.ffprobe),
        limit_seconds=settings.max_probe_seconds,
    )
    ffmpeg = Ffmpeg(
        program=settings.ffmpeg,
        version=await version_of(settings.ffmpeg),
        limit_seconds=settings.max_extraction_seconds,
        max_duration_seconds=settings.max_duration_seconds,
        max_audio_bytes=settings.max_audio_bytes,
    )
    intake = Intake(store, scratch, settings.max_recording_bytes)
    imports = Imports(store, intake)
    probing = Probing(
        store,
        steps,
        ffprobe,
        max_stream_count=settings.max_stream_count,
        max_duration_seconds=settings.max_duration_seconds,
    )
    extraction = Extraction(
        store,
        steps,
        probing,
        ffmpeg,
        scratch=scratch,
        max_parallel_count=settings.max_parallel_extractions,
    )
    servicer = MediaServicer(store, intake, imports, probing, extraction)

    def register(server: grpc.aio.Server) -> None:
        add_MediaServiceServicer_to_server(servicer, server)

    async def sweep() -> None:
        kept_for = timedelta(days=settings.abandoned_import_days)
        await sweep_regularly(imports, kept_for, lambda: datetime.now(UTC))

    yield Edges(
        register=register,
        service_names=(pb.DESCRIPTOR.services_by_name["MediaService"].full_name,),
        work=worker.handlers(probing, extraction),
        background=(sweep,),
    )


if __name__ == "__main__":
    run(
        MediaSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
