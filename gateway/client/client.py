"""One client for all services."""

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self

import grpc

from gateway.client.addresses import Addresses
from gateway.client.consents import ConsentClient
from gateway.client.dataset import DatasetClient
from gateway.client.inference import EngineClient, InferenceClient
from gateway.client.media import MediaClient
from gateway.client.pipeline import PipelineClient
from gateway.client.retrying import Patience
from gateway.client.security import Security
from gateway.client.speech import AudioQcClient, TranscriptionClient
from gateway.client.voices import VoiceClient
from gateway.services import (
    AUDIO_QC,
    DATASET,
    INFERENCE,
    MEDIA,
    PIPELINE,
    TRANSCRIPTION,
    Service,
)
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import AudioQcServiceStub
from ttstrainer.dataset.v1.consent_service_pb2_grpc import ConsentServiceStub
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import DatasetServiceStub
from ttstrainer.inference.v1.engine_service_pb2_grpc import EngineServiceStub
from ttstrainer.inference.v1.inference_service_pb2_grpc import InferenceServiceStub
from ttstrainer.inference.v1.voice_service_pb2_grpc import VoiceServiceStub
from ttstrainer.media.v1.media_service_pb2_grpc import MediaServiceStub
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import PipelineServiceStub
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import TranscriptionServiceStub


class Client:
    """Talks to the services at `addresses`; a channel opens when its service is first asked."""

    def __init__(
        self,
        addresses: Addresses,
        security: Security | None = None,
        patience: Callable[[], Patience] = Patience,
    ) -> None:
        """Connects to nothing yet."""
        self._addresses = addresses
        self._security = security or Security()
        self._patience = patience
        self._channels: dict[Service, grpc.aio.Channel] = {}

    @cached_property
    def media(self) -> MediaClient:
        """The media service."""
        return MediaClient(MediaServiceStub(self._channel(MEDIA)), self._patience)

    @cached_property
    def audio_qc(self) -> AudioQcClient:
        """The audio-qc service."""
        return AudioQcClient(AudioQcServiceStub(self._channel(AUDIO_QC)), self._patience)

    @cached_property
    def transcription(self) -> TranscriptionClient:
        """The transcription service."""
        stub = TranscriptionServiceStub(self._channel(TRANSCRIPTION))
        return TranscriptionClient(stub, self._patience)

    @cached_property
    def dataset(self) -> DatasetClient:
        """The dataset service."""
        return DatasetClient(DatasetServiceStub(self._channel(DATASET)), self._patience)

    @cached_property
    def consents(self) -> ConsentClient:
        """The consents, which the dataset service keeps."""
        return ConsentClient(ConsentServiceStub(self._channel(DATASET)), self._patience)

    @cached_property
    def inference(self) -> InferenceClient:
        """The inference service."""
        return InferenceClient(InferenceServiceStub(self._channel(INFERENCE)), self._patience)

    @cached_property
    def voices(self) -> VoiceClient:
        """The voices of the inference service."""
        return VoiceClient(VoiceServiceStub(self._channel(INFERENCE)), self._patience)

    @cached_property
    def engines(self) -> EngineClient:
        """The models of the inference service."""
        return EngineClient(EngineServiceStub(self._channel(INFERENCE)), self._patience)

    @cached_property
    def pipeline(self) -> PipelineClient:
        """The pipeline service."""
        return PipelineClient(PipelineServiceStub(self._channel(PIPELINE)), self._patience)

    async def __aenter__(self) -> Self:
        """Closes the channels at the end of the block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the channels."""
        for channel in self._channels.values():
            await channel.close()

    def _channel(self, service: Service) -> grpc.aio.Channel:
        if service not in self._channels:
            self._channels[service] = self._security.open(
                self._addresses[service.name],
                reads_in_pace=service is INFERENCE,  # it speaks no further ahead than is heard
            )
        return self._channels[service]
