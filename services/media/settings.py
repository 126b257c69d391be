"""What can be set about the media service."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.chassis.settings import ServiceSettings


class MediaSettings(ServiceSettings):
    """Read from `TTSTRAINER_MEDIA_<FIELD>`, then `TTSTRAINER_<FIELD>`."""

    service_name: ClassVar[str] = "media"

    port: int = Field(50051, ge=0, le=65535)
    """The gRPC port; 0 takes a free one."""
    metrics_port: int = Field(9051, ge=0, le=65535)
    """The port of the Prometheus endpoint."""
    ffmpeg: Path = Path("ffmpeg")
    """The ffmpeg program, by name or path."""
    ffprobe: Path = Path("ffprobe")
    """The ffprobe program of the same build."""
    max_recording_bytes: int = Field(64 << 30, gt=0)
    """Larger files are refused."""
    max_duration_seconds: float = Field(12 * 3600.0, gt=0)
    """Longer recordings are refused."""
    max_stream_count: int = Field(64, gt=0)
    """Containers with more streams are refused."""
    max_audio_bytes: int = Field(32 << 30, gt=0)
    """Decoding stops with an error when the FLAC file grows larger."""
    max_probe_seconds: float = Field(60.0, gt=0)
    """How long ffprobe may take."""
    max_extraction_seconds: float = Field(3000.0, gt=0)
    """How long ffmpeg may take for one recording; keep it below the step timeout."""
    max_parallel_extractions: int = Field(2, gt=0)
    """How many ffmpeg processes may run at once."""
    abandoned_import_days: float = Field(7.0, gt=0)
    """Imports that got no bytes for so long are removed."""
