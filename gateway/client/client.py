"""One client for all services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from pydantic import SecretStr

from gateway.client.addresses import Addresses
from gateway.client.dataset import DatasetClient
from gateway.client.media import MediaClient
from gateway.client.pipeline import PipelineClient
from gateway.client.retrying import Patience
from gateway.client.speech import AudioQcClient, TranscriptionClient
from gateway.services import AUDIO_QC, DATASET, MEDIA, PIPELINE, TRANSCRIPTION, Service
from services.chassis.channel import open_channel
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import AudioQcServiceStub
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import DatasetServiceStub
from ttstrainer.media.v1.media_service_pb2_grpc import MediaServiceStub
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import PipelineServiceStub
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import TranscriptionServiceStub


@dataclass(frozen=True, slots=True)
class Security:
    """How a client proves who it is, and whom it trusts."""

    tls_ca_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    bearer_token: SecretStr = SecretStr("")


def security_from(environment: Mapping[str, str]) -> Security:
    """Reads TTSTRAINER_TLS_CA_FILE, _TLS_CERTIFICATE_FILE, _TLS_KEY_FILE and _BEARER_TOKEN."""

    def path(name: str) -> Path | None:
        value = environment.get(f"TTSTRAINER_{name}")
        return Path(value) if value else None

    return Security(
        tls_ca_file=path("TLS_CA_FILE"),
        tls_certificate_file=path("TLS_CERTIFICATE_FILE"),
        tls_key_file=path("TLS_KEY_FILE"),
        bearer_token=SecretStr(environment.get("TTSTRAINER_BEARER_TOKEN", "")),
    )


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
        security = self._security
        channel = open_channel(
            self._addresses[service.name],
            tls_ca_file=security.tls_ca_file,
            certificate_file=security.tls_certificate_file,
            key_file=security.tls_key_file,
            bearer_token=security.bearer_token.get_secret_value(),
        )
        self._channels.append(channel)
        return channel
