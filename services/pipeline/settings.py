"""What the pipeline service can be told."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.chassis.settings import ServiceSettings

__all__ = ["PipelineSettings"]


class PipelineSettings(ServiceSettings):
    """Settings of the pipeline service; each is read from TTSTRAINER_PIPELINE_<NAME>."""

    service_name: ClassVar[str] = "pipeline"
    leads_runs: ClassVar[bool] = True

    port: int = Field(50055, ge=0, le=65535)
    """The port gRPC is served on; 0 for a free one."""
    metrics_port: int = Field(9055, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""
    media_address: str = "127.0.0.1:50051"
    """Where MediaService answers: dropped files are registered there."""
    media_ca_file: Path | None = None
    """The authority that signed MediaService's certificate (PEM); turns TLS on."""
    max_attempts: int = Field(3, ge=1)
    """How often a step is tried, retryable failures given, before its recording is left out."""
    window_count: int = Field(8, ge=1)
    """How many recordings of one run are under way at once, so that bulk runs leave room."""
    max_recordings: int = Field(500, ge=1, le=500)
    """The most recordings of one run; the request that builds the dataset names all of them."""
    sweep_seconds: float = Field(5, gt=0)
    """How often runs are looked through for work that is due or lost."""
    lost_after_seconds: float = Field(15, ge=0)
    """How long queued work must be missing from its queue before it is queued again."""
    unserved_after_seconds: float = Field(10, ge=0)
    """How long a queue may go without any worker before its runs say so."""
    inbox_poll_seconds: float = Field(3, gt=0)
    """How often the inbox of the store and the watched folder are looked at."""
    rest_seconds: float = Field(5, ge=0)
    """How long a dropped file must keep its size and time before it counts as complete."""
    quiet_seconds: float = Field(20, ge=0)
    """How long nothing new may drop for a voice before its drops become one run."""
    watched_folder: Path | None = None
    """A folder whose files, `<voice>/<file>`, are copied into the inbox; none when empty."""
    run_retention_days: int = Field(90, ge=0, le=36_500)
    """How long runs are listed after their end; each voice's last success stays. 0 keeps all."""

    @property
    def runs_kept_for(self) -> timedelta | None:
        """How long runs are kept after their end; for ever when None."""
        return timedelta(days=self.run_retention_days) if self.run_retention_days else None
