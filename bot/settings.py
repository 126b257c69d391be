"""What the bot can be told."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import ServiceSettings

WHERE_TOKENS_ARE = "https://discord.com/developers/applications (your application, page Bot)"
MOST_WAITING_SECONDS = 780
"""Discord takes answers to a command for 15 minutes; recordings and joining a call take two."""


class BotSettings(ServiceSettings):
    """See ServiceSettings for where the values come from; the token also from DISCORD_TOKEN."""

    model_config = SettingsConfigDict(populate_by_name=True)
    service_name: ClassVar[str] = "bot"
    keeps_artifacts: ClassVar[bool] = False

    port: int = Field(50058, ge=0, le=65535)
    """The port gRPC is served on, for health alone; 0 for a free one."""
    metrics_port: int = Field(9058, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""
    token: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("TTSTRAINER_BOT_TOKEN", "DISCORD_TOKEN")
    )
    """The token of the bot's account, from Discord's developer portal."""
    inference_address: str = "127.0.0.1:50057"
    """Where the inference service is served, which speaks: host:port."""
    dataset_address: str = "127.0.0.1:50054"
    """Where the dataset service is served, which keeps the consents: host:port."""
    server_ca_file: Path | None = None
    """The authority that signed the certificates of those two (PEM); turns TLS on."""
    give_up_seconds: float = Field(10, gt=0)
    """How long a silent service is waited for before the person who asked is told."""
    first_audio_seconds: float = Field(20, gt=0)
    """How long the first audio of a text may take before it is given up."""
    answer_seconds: float = Field(60, gt=0)
    """How long a service may take over a file, a voice or a consent."""

    prefix: str = Field("!", min_length=1, max_length=5)
    """What a command begins with where it is written as a message."""
    sync_commands: bool = True
    """Whether Discord is told the slash commands at every start."""
    max_clip_bytes: int = Field(25 << 20, ge=1024, le=64 << 20)
    """The largest file that a voice is cloned from."""
    max_own_voices: int = Field(3, ge=1, le=20)
    """How many voices a member may have cloned in a guild."""
    consent_seconds: float = Field(120, gt=0)
    """How long a question for a consent waits for its answer."""

    @model_validator(mode="after")
    def _token_is_there(self) -> Self:
        if not self.token.get_secret_value():
            raise ValueError(f"DISCORD_TOKEN is not set: copy it from {WHERE_TOKENS_ARE}")
        return self

    @model_validator(mode="after")
    def _nats_is_there(self) -> Self:
        if not self.nats_url:
            own, shared = self.variable("nats_url"), "TTSTRAINER_NATS_URL"
            raise ValueError(
                f"{own} (or {shared}) is not set: the bot keeps what guilds and members chose in "
                "NATS, such as nats://127.0.0.1:4222"
            )
        return self

    @model_validator(mode="after")
    def _cloning_ends_in_time(self) -> Self:
        seconds = 2 * self.consent_seconds + 5 * self.answer_seconds
        if seconds > MOST_WAITING_SECONDS:
            asks, waits = self.variable("consent_seconds"), self.variable("answer_seconds")
            raise ValueError(
                f"2 x {asks} + 5 x {waits} must be at most {MOST_WAITING_SECONDS}, not "
                f"{seconds:g}: who clones a voice is asked twice and waits for services five "
                "times, and Discord takes answers to a command for 15 minutes"
            )
        return self
