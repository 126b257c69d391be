"""The services that there are, and where each listens unless somebody says otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Service:
    """One deployable service."""

    name: str
    """As in settings and on the command line, such as "audio-qc"."""
    rpc_name: str
    """The full name of its gRPC service, which is also what its health is asked by; "" for all."""
    port: int
    """The gRPC port."""
    metrics_port: int
    """The port of its Prometheus endpoint."""
    calls: tuple[str, ...] = ()
    """The services whose RPCs it calls; it has a setting for the address of each."""
    package: str = "services."
    """Where its code lies; empty at the top."""

    @property
    def module(self) -> str:
        """What `python -m` runs, here as in a container."""
        return self.package + self.name.replace("-", "_")

    @property
    def environment_name(self) -> str:
        """The service's part of its environment variables, such as "AUDIO_QC"."""
        return self.name.replace("-", "_").upper()


MEDIA: Final = Service("media", "ttstrainer.media.v1.MediaService", 50051, 9051)
AUDIO_QC: Final = Service("audio-qc", "ttstrainer.audio_qc.v1.AudioQcService", 50052, 9052)
TRANSCRIPTION: Final = Service(
    "transcription", "ttstrainer.transcription.v1.TranscriptionService", 50053, 9053
)
DATASET: Final = Service(
    "dataset",
    "ttstrainer.dataset.v1.DatasetService",
    50054,
    9054,
    calls=("media", "transcription"),
)
PIPELINE: Final = Service(
    "pipeline", "ttstrainer.pipeline.v1.PipelineService", 50055, 9055, calls=("media",)
)
INFERENCE: Final = Service(
    "inference", "ttstrainer.inference.v1.InferenceService", 50057, 9057, calls=("dataset",)
)
BOT: Final = Service("bot", "", 50058, 9058, calls=("dataset", "inference"), package="")
"""A client that runs like a service: it serves its health alone."""

TO_A_DATASET: Final = (MEDIA, AUDIO_QC, TRANSCRIPTION, DATASET, PIPELINE)
"""What a run needs; models that speak are no part of it, and are not started for it."""
ALL: Final = (*TO_A_DATASET, INFERENCE)
WITH_QUEUES: Final = frozenset({PIPELINE, INFERENCE})
"""Those that do not do all they should without NATS."""


def sorted_services(services: Iterable[Service]) -> tuple[Service, ...]:
    """Returns the services once each, in the order of the pipeline."""
    wanted = set(services)
    return tuple(service for service in ALL if service in wanted)
