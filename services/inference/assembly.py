"""The parts of the service, put together from its settings."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import grpc

from services.chassis.channel import open_channel
from services.chassis.service import Resources
from services.decoding.mono import decode_mono
from services.inference.catalogue.catalogue import Catalogue
from services.inference.catalogue.hub_models import HubModels
from services.inference.catalogue.hugging_face import HuggingFace, downloads_are_switched_off
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.local_folders import LocalFolders
from services.inference.catalogue.packaged_models import PackagedModels
from services.inference.catalogue.stored_models import StoredModels
from services.inference.engine_factories import engine_factories, packaged_models, uses_gpu
from services.inference.model_voices import ModelVoices
from services.inference.pool.admission import Patience
from services.inference.pool.budget import memory_budget_bytes
from services.inference.pool.engine_pool import EnginePool
from services.inference.settings import InferenceSettings
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.pace import Pace
from services.inference.speaking.parts import SpeechPart
from services.inference.speaking.saying import Saying
from services.inference.speaking.script import Script
from services.inference.speaking.speaking import Speaking
from services.inference.speaking.stage import Stage
from services.inference.voices.consent_desk import RemoteConsentDesk
from services.inference.voices.ears import InstalledEars
from services.inference.voices.voices import Surroundings, Voices


def assembled_catalogue(settings: InferenceSettings, resources: Resources) -> Catalogue:
    """Returns all models that this service can speak with; a name is looked for in this order."""
    factories = engine_factories(settings)
    allow_downloads = settings.allow_downloads and not downloads_are_switched_off()
    return Catalogue(
        (
            LocalFolders(settings.models_dir, factories),
            StoredModels(resources.store, factories),
            PackagedModels(packaged_models(settings)),
            HubModels(HuggingFace(), factories, allow_downloads=allow_downloads),
        ),
        Licences(resources.store, now),
    )


async def assembled_pool(settings: InferenceSettings, catalogue: Catalogue) -> EnginePool:
    """Returns where the loaded models are."""
    on_gpu = await asyncio.to_thread(uses_gpu, settings)
    budget_bytes = await asyncio.to_thread(
        memory_budget_bytes, settings.memory_budget_bytes, uses_gpu=on_gpu
    )
    patience = Patience(
        max_waiting_streams=settings.max_waiting_streams,
        interactive_seconds=settings.max_waiting_seconds,
        bulk_seconds=settings.max_waiting_bulk_seconds,
    )
    return EnginePool(catalogue, budget_bytes=budget_bytes, patience=patience)


def assembled_speech(
    settings: InferenceSettings,
    resources: Resources,
    catalogue: Catalogue,
    pool: EnginePool,
    channel: grpc.aio.Channel,
) -> tuple[Speaking, Voices]:
    """Returns what speaks, and the voices, who ask the dataset service for consents."""

    def speak(script: Script, options: SpeechOptions) -> AsyncGenerator[SpeechPart, None]:
        return speaking.speak(script, options)  # made below: the voices speak, and it has voices

    stage = Stage()
    model_voices = ModelVoices(catalogue, settings.cloning_model)
    voices = Voices(
        Surroundings(
            store=resources.store,
            bus=resources.bus,
            scratch=resources.scratch,
            desk=RemoteConsentDesk(channel),
            ears=InstalledEars(),
            decode=decode_mono,
            now=now,
            built_in_voices=model_voices.built_in,
            cloning_model=model_voices.cloning_model,
            speaker=Saying(speak, catalogue),
            speaking_voice_ids=lambda: stage.voice_ids,
            stop_voice=stage.stop_voice,
        )
    )
    speaking = Speaking(
        pool,
        voices,
        stage,
        Pace(
            max_chunk_seconds=settings.max_chunk_seconds,
            max_lead_seconds=settings.max_lead_seconds,
            sentence_pause_seconds=settings.sentence_pause_seconds,
            max_sentence_seconds=settings.max_sentence_seconds,
            max_audio_seconds=settings.max_audio_seconds,
        ),
        default_voice=settings.default_voice,
    )
    return speaking, voices


def channel_to_dataset(settings: InferenceSettings) -> grpc.aio.Channel:
    """Opens the channel to the dataset service, with our own certificate where TLS is on."""
    has_tls = settings.dataset_ca_file is not None
    return open_channel(
        settings.dataset_address,
        tls_ca_file=settings.dataset_ca_file,
        certificate_file=settings.tls_certificate_file if has_tls else None,
        key_file=settings.tls_key_file if has_tls else None,
        bearer_token=settings.bearer_token.get_secret_value(),
    )


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)
