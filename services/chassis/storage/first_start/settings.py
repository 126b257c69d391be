"""What the first start is told, through the variables of the compose file."""

import sys
from typing import Literal, NamedTuple, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

BAD_SETTINGS_EXIT_CODE = 2


class Keys(NamedTuple):
    """What somebody signs requests with."""

    access_key: str
    secret_key: str


class FirstStartSettings(BaseSettings):
    """Which server, which bucket, and whose keys."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )

    s3_endpoint: str = Field("http://127.0.0.1:8333", pattern=r"^https?://.+")
    """Where the server answers, such as http://s3:8333."""
    s3_bucket: str = Field("tts-trainer", min_length=3)
    """The bucket of all artifacts and drops; the policies of a static server name it too."""
    s3_credentials: Literal["static", "minio"] = "static"
    """Whether the server has its keys from its own start, or is told them as a MinIO is."""
    s3_admin_access_key: str = Field(min_length=3)
    """The key that makes buckets, and users where the server has them."""
    s3_admin_secret_key: SecretStr = Field(min_length=8)
    """Its secret."""
    s3_services_access_key: str = Field(min_length=3)
    """The key of all services but inference: every object of the bucket, and nothing else."""
    s3_services_secret_key: SecretStr = Field(min_length=8)
    """Its secret."""
    s3_inference_access_key: str = Field(min_length=3)
    """The key of the inference service: models, voices, and what is spoken."""
    s3_inference_secret_key: SecretStr = Field(min_length=8)
    """Its secret."""
    s3_drop_access_key: str = Field(min_length=3)
    """The key of people who drop videos: they add and read under inbox/."""
    s3_drop_secret_key: SecretStr = Field(min_length=8)
    """Its secret."""
    s3_wait_seconds: float = Field(60, ge=0)
    """How long the server may take to answer."""
    publish_address: str = "127.0.0.1"
    """The address that ports are published on."""

    @property
    def admin(self) -> Keys:
        """The keys of the administrator."""
        return Keys(self.s3_admin_access_key, self.s3_admin_secret_key.get_secret_value())

    @property
    def services(self) -> Keys:
        """The keys of all services but inference."""
        return Keys(self.s3_services_access_key, self.s3_services_secret_key.get_secret_value())

    @property
    def inference(self) -> Keys:
        """The keys of the inference service."""
        return Keys(self.s3_inference_access_key, self.s3_inference_secret_key.get_secret_value())

    @property
    def drop(self) -> Keys:
        """The keys of people who drop videos."""
        return Keys(self.s3_drop_access_key, self.s3_drop_secret_key.get_secret_value())

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        everybody = (self.admin, self.services, self.inference, self.drop)
        if len({keys.access_key for keys in everybody}) < len(everybody):
            raise ValueError("the access keys of admin, services, inference and drop must differ")
        return self


def load() -> FirstStartSettings:
    """Returns the settings, or ends the process with one line that names what is wrong."""
    try:
        return FirstStartSettings()
    except ValidationError as error:
        problems = [_described(problem) for problem in error.errors()]
    sys.stderr.write(f"s3-init: {'; '.join(problems)}\n")
    sys.exit(BAD_SETTINGS_EXIT_CODE)


def _described(problem: ErrorDetails) -> str:
    if not problem["loc"]:
        return problem["msg"].removeprefix("Value error, ")
    variable = str(problem["loc"][0]).upper()
    if problem["type"] in {"too_short", "string_too_short"}:
        return f"{variable} is shorter than {problem['ctx']['min_length']} characters"
    complaints = {
        "missing": "is not set",
        "string_pattern_mismatch": "must look like http://s3:8333",
    }
    complaint = complaints.get(problem["type"], f"is not right: {problem['msg']}")
    return f"{variable} {complaint}"
