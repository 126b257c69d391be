"""Starts the inference service: `python -m services.inference`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import structlog

from services.chassis.errors import ServiceError
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.inference.assembly import (
    assembled_catalogue,
    assembled_pool,
    assembled_speech,
    channel_to_dataset,
)
from services.inference.engine_servicer import EngineServicer
from services.inference.files.watermark import load_watermark
from services.inference.inference_servicer import InferenceServicer
from services.inference.pool.engine_pool import EnginePool
from services.inference.settings import InferenceSettings
from services.inference.speaking.filing import Filing
from services.inference.voice_servicer import VoiceServicer
from ttstrainer.inference.v1 import engine_service_pb2, inference_service_pb2, voice_service_pb2
from ttstrainer.inference.v1.engine_service_pb2_grpc import add_EngineServiceServicer_to_server
from ttstrainer.inference.v1.inference_service_pb2_grpc import (
    add_InferenceServiceServicer_to_server,
)
from ttstrainer.inference.v1.voice_service_pb2_grpc import add_VoiceServiceServicer_to_server
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events

SERVICE_NAMES = (
    inference_service_pb2.DESCRIPTOR.services_by_name["InferenceService"].full_name,
    voice_service_pb2.DESCRIPTOR.services_by_name["VoiceService"].full_name,
    engine_service_pb2.DESCRIPTOR.services_by_name["EngineService"].full_name,
)
SWEEP_SECONDS = 5.0

log = structlog.get_logger()


@asynccontextmanager
async def compose(settings: InferenceSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    catalogue = assembled_catalogue(settings, resources)
    pool = await assembled_pool(settings, catalogue)
    async with channel_to_dataset(settings) as channel:
        speaking, voices = assembled_speech(settings, resources, catalogue, pool, channel)
        servicer = InferenceServicer(
            speaking,
            Filing(
                speaking,
                resources.store,
                resources.scratch,
                max_reply_bytes=settings.max_reply_bytes,
                ffmpeg_program=settings.ffmpeg,
                watermark=load_watermark(settings.watermark),
            ),
            max_text_characters=settings.max_text_characters,
            stalled_client_seconds=settings.stalled_client_seconds,
            silent_client_seconds=settings.silent_client_seconds,
        )

        def register(server: grpc.aio.Server) -> None:
            add_InferenceServiceServicer_to_server(servicer, server)
            add_VoiceServiceServicer_to_server(VoiceServicer(voices), server)
            add_EngineServiceServicer_to_server(EngineServicer(catalogue, pool), server)

        async with voices.looked_after(resources.jetstream):
            try:
                yield Edges(
                    register=register,
                    service_names=SERVICE_NAMES,
                    background=(
                        lambda: preload(pool, settings),
                        lambda: sweep(pool, settings),
                        lambda: replace(pool, settings),
                    ),
                )
            finally:
                await pool.aclose()


async def preload(pool: EnginePool, settings: InferenceSettings) -> None:
    """Loads the models that are to be there from the start; one that fails is left for later."""
    for name in filter(None, map(str.strip, settings.preload.split(","))):
        try:
            await pool.load(name)
        except ServiceError as error:
            log.warning("model.not_preloaded", model=name, reason=error.reason)
        except Exception:
            log.exception("model.not_preloaded", model=name)


async def sweep(pool: EnginePool, settings: InferenceSettings) -> None:
    """Unloads what nobody uses."""
    while settings.idle_unload_seconds:
        await asyncio.sleep(SWEEP_SECONDS)
        pool.unload_idle(settings.idle_unload_seconds)


async def replace(pool: EnginePool, settings: InferenceSettings) -> None:
    """Looks for newer versions of what is loaded."""
    while settings.version_check_seconds:
        await asyncio.sleep(settings.version_check_seconds)
        await pool.take_newer_versions()


if __name__ == "__main__":
    run(
        InferenceSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
