"""What can be set of the dataset service."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.chassis.settings import ServiceSettings


class DatasetSettings(ServiceSettings):
    """The dataset service: thresholds of the filter, the split, recommendations."""

    service_name: ClassVar[str] = "dataset"

    port: int = Field(50054, ge=0, le=65535)
    """The port gRPC is served on; 0 for a free one."""
    metrics_port: int = Field(9054, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""
    validation_ratio: float = Field(0.1, gt=0, lt=0.5)
    """The share of the kept speech that is held out for validation."""
    min_confidence: float = Field(0.6, ge=0, le=1)
    """The lowest mean word confidence of a kept clip."""
    min_dnsmos: float = Field(2.2, ge=0, le=5)
    """The lowest overall DNSMOS of a kept clip."""
    min_snr_decibels: float = Field(12.0, ge=0)
    """The lowest signal-to-noise ratio of a kept clip."""
    max_text_characters: int = Field(250, ge=1)
    """The longest text of a kept clip; XTTS truncates English past 250 characters."""
    rate_fence_width: float = Field(2.0, gt=0)
    """Tukey's k: how far, in interquartile ranges, speech rates may lie outside the quartiles."""
    min_speaker_similarity: float = Field(0.5, ge=-1, le=1)
    """The cosine similarity at which the main speakers of two recordings are one person."""
    target_minutes: float = Field(30.0, gt=0)
    """How much kept speech is known to give a good voice: XTTS fine-tunes use 10 to 40 minutes."""
    media_address: str = "127.0.0.1:50051"
    """Where MediaService answers: it decodes recorded consents."""
    media_ca_file: Path | None = None
    """The authority that signed MediaService's certificate (PEM); turns TLS on."""
    transcription_address: str = "127.0.0.1:50053"
    """Where TranscriptionService answers: it hears what recorded consents say."""
    transcription_ca_file: Path | None = None
    """The authority that signed TranscriptionService's certificate (PEM); turns TLS on."""
    min_statement_match: float = Field(0.8, gt=0, le=1)
    """The share of the required words that must be heard in a recorded consent."""
