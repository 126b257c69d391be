"""Settings from the environment: one frozen class a service, one variable a field."""

import re
import tempfile
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "TTSTRAINER_"
STORE_EXAMPLES = "file:///var/lib/tts-trainer or s3://artifacts?endpoint=http://127.0.0.1:9000"
HEADER_TEXT = r"[!-~]+"
"""What a header can carry: printable ASCII without spaces."""


class ServiceSettings(BaseSettings):
    """What every service can be told.

    A field such as `nats_url` of the service `audio-qc` is read from
    TTSTRAINER_AUDIO_QC_NATS_URL, else from TTSTRAINER_NATS_URL, which all services share.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )
    service_name: ClassVar[str] = "service"
    leads_runs: ClassVar[bool] = False
    """Whether it is the one service that keeps the streams in shape and buries lost steps."""
    keeps_artifacts: ClassVar[bool] = True
    """Whether it uses the artifact store; without it, none is opened and none need be named."""

    host: str = "127.0.0.1"
    """The address gRPC and Prometheus are served on; 0.0.0.0 for all."""
    port: int = Field(0, ge=0, le=65535)
    """The port gRPC is served on; 0 for a free one."""
    metrics_port: int = Field(0, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""
    nats_url: str = ""
    """The NATS server, such as nats://127.0.0.1:4222, or several of one cluster with commas between
    them; without one there are only RPCs, no runs."""
    nats_user: str = Field("", pattern=r"^[A-Za-z0-9_-]*$")
    """Who it is to NATS, such as media; needed where deploy/nats/nats.conf is used."""
    nats_password: SecretStr = SecretStr("")
    """The password of that user."""
    nats_tls_ca_file: Path | None = None
    """The authority that signed NATS's certificate (PEM); lets it talk over TLS alone."""
    nats_replicas: int = Field(1, ge=1, le=5)
    """On how many servers of a cluster NATS keeps each queued step, event and state of a run."""
    store_url: str = Field("", validate_default=True)
    """The artifact store: file:///path, or s3://bucket?endpoint=http://host:port."""
    s3_access_key: SecretStr = SecretStr("")
    """The access key of the S3 endpoint."""
    s3_secret_key: SecretStr = SecretStr("")
    """The secret key of the S3 endpoint."""
    s3_cache_bytes: int = Field(20 << 30, ge=0)
    """How much of what was downloaded from S3 is kept in the scratch folder for other steps."""
    scratch_dir: Path = Field(
        # Asked for late: a container whose root is read-only may have no temporary folder.
        default_factory=lambda: Path(tempfile.gettempdir()) / "tts-trainer"
    )
    """Where files are made before they are stored, and kept while they are read."""
    tls_certificate_file: Path | None = None
    """The server's certificate (PEM); turns TLS on, together with the key."""
    tls_key_file: Path | None = None
    """The key of the server's certificate (PEM)."""
    tls_client_ca_file: Path | None = None
    """The authority that signs clients' certificates (PEM); turns mutual TLS on."""
    bearer_token: SecretStr = SecretStr("")
    """A token that every call must bring, health checks excepted."""
    unary_deadline_seconds: float = Field(3600, gt=0)
    """How long a call with one response may take when the client sets no deadline."""
    stream_deadline_seconds: float = Field(24 * 3600, gt=0)
    """How long a call with streamed responses may take when the client sets no deadline."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important level that is logged."""
    log_format: Literal["auto", "json", "console"] = "auto"
    """JSON for machines, console for people; auto looks whether a terminal listens."""
    work_queue_max_bytes: int = Field(256 << 20, ge=1024)
    """How much the queues of NATS hold before they refuse more work."""
    events_max_age_seconds: float = Field(7 * 24 * 3600, ge=120)
    """How long NATS keeps events for services that were away."""
    max_concurrent_steps: int = Field(2, ge=1)
    """How many steps of a run one process works on at once."""
    ack_wait_seconds: float = Field(30, gt=0)
    """How long a silent worker keeps a step before another one gets it."""
    max_deliveries: int = Field(20, ge=1)
    """How often a step is handed out, crashes included, before it is given up."""
    max_failures: int = Field(3, ge=1)
    """How often a step may fail unexpectedly before it is given up."""
    step_timeout_seconds: float = Field(3600, gt=0)
    """How long one try of a step may take."""
    drain_seconds: float = Field(20, ge=0)
    """How long running calls and steps may go on after a request to stop."""
    max_message_bytes: int = Field(16 * 1024 * 1024, ge=1024)
    """The largest gRPC message that is sent or accepted."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced by the two below
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads the service's own variables first, then the shared ones."""
        return (
            init_settings,
            EnvSettingsSource(settings_cls, env_prefix=cls.own_prefix()),
            EnvSettingsSource(settings_cls, env_prefix=PREFIX),
        )

    @classmethod
    def own_prefix(cls) -> str:
        """Returns the prefix of the service's own variables, such as TTSTRAINER_AUDIO_QC_."""
        return f"{PREFIX}{cls.service_name.replace('-', '_').upper()}_"

    @classmethod
    def variable(cls, field: str) -> str:
        """Returns the service's own variable for `field`, such as TTSTRAINER_MEDIA_PORT."""
        return cls.own_prefix() + field.upper()

    @field_validator("store_url")
    @classmethod
    def _store_is_of_a_known_kind(cls, url: str) -> str:
        if not url and not cls.keeps_artifacts:
            return url
        if not url:
            raise PydanticCustomError("missing", "is not set")
        if not re.match(r"file:///.|s3://.", url):
            raise ValueError(f"must look like {STORE_EXAMPLES}")
        return url

    @field_validator("bearer_token")
    @classmethod
    def _token_fits_a_header(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if text and not re.fullmatch(HEADER_TEXT, text):
            raise ValueError("must be printable ASCII without spaces")
        return token

    @model_validator(mode="after")
    def _nats_user_is_complete(self) -> Self:
        if bool(self.nats_user) != bool(self.nats_password.get_secret_value()):
            raise ValueError("nats_user and nats_password go together")
        return self

    @model_validator(mode="after")
    def _tls_is_complete(self) -> Self:
        if bool(self.tls_certificate_file) != bool(self.tls_key_file):
            raise ValueError("tls_certificate_file and tls_key_file go together")
        if self.tls_client_ca_file and not self.tls_certificate_file:
            raise ValueError("tls_client_ca_file needs tls_certificate_file and tls_key_file")
        return self
