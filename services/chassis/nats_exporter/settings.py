"""What the exporter can be told, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TTSTRAINER_NATS_EXPORTER_"


class NatsExporterSettings(BaseSettings):
    """Each field is read from TTSTRAINER_NATS_EXPORTER_<FIELD>."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
    )

    host: str = "127.0.0.1"
    """The address the metrics are served on; 0.0.0.0 for all."""
    port: int = Field(7777, ge=0, le=65535)
    """The port they are served on; 0 for a free one."""
    monitoring_url: str = Field("http://127.0.0.1:8222", pattern=r"^https?://[^/]+$")
    """Where the NATS server's monitoring pages are, without a slash at the end."""
    timeout_seconds: float = Field(5, gt=0)
    """How long a page may take before the server counts as unreachable."""
