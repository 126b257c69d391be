"""One client for all services."""

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self

import grpc

from gateway.client.addresses import Addresses
from gateway.client.dataset import DatasetClient
from gateway.client.media import MediaClient
from gateway.client.pipeline import PipelineClient
from gateway.client.retrying import Patience
from gateway.client.security import Security
from gateway.client.speech import AudioQcClient, TranscriptionClient
from gateway.services import AUDIO_QC, DATASET, MEDIA, PIPELINE, TRANSCRIPTION, Service
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import AudioQcServiceStub
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import DatasetServiceStub
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
        self._channels: list[grpc.aio.Channel] = []

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
        for channel in self._channels:
            await channel.close()

    def _channel(self, service: Service) -> grpc.aio.Channel:
        channel = self._security.open(self._addresses[service.name])
        self._channels.append(channel)
        return channel
