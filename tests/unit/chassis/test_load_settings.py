"""Settings come from the environment, and a mistake is told in one line."""

from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, ValidationError

from services.chassis.load_settings import load
from services.chassis.settings import ServiceSettings


class QcSettings(ServiceSettings):
    """Settings of a service whose name has a dash."""

    service_name: ClassVar[str] = "audio-qc"
    thresholds: dict[str, float] = Field(default_factory=dict)
    """A table, given as JSON."""


class ForgetfulSettings(ServiceSettings):
    """Settings of a service that keeps nothing in the store."""

    keeps_artifacts: ClassVar[bool] = False


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("TTSTRAINER_STORE_URL", "file:///store")
    return monkeypatch


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        load(QcSettings)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_the_service_s_own_variable_goes_before_the_shared_one_and_that_before_the_default(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("TTSTRAINER_HOST", "10.0.0.1")
    environment.setenv("TTSTRAINER_LOG_LEVEL", "error")
    environment.setenv("TTSTRAINER_AUDIO_QC_LOG_LEVEL", "debug")
    settings = load(QcSettings)

    assert (settings.host, settings.log_level) == ("10.0.0.1", "debug")
    assert settings.max_failures == 3


def test_an_empty_variable_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TTSTRAINER_HOST", "10.0.0.1")
    environment.setenv("TTSTRAINER_AUDIO_QC_HOST", "")

    assert load(QcSettings).host == "10.0.0.1"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load(QcSettings).port = 1  # type: ignore[misc] # which is the point


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "TTSTRAINER_AUDIO_QC_PORT",
            "abc",
            'audio-qc: TTSTRAINER_AUDIO_QC_PORT: "abc" is not a valid integer\n',
        ),
        (
            "TTSTRAINER_PORT",
            "70000",
            'audio-qc: TTSTRAINER_PORT: "70000" is not less than or equal to 65535\n',
        ),
        (
            "TTSTRAINER_AUDIO_QC_PROT",
            "1",
            (
                "audio-qc: TTSTRAINER_AUDIO_QC_PROT is not a setting: "
                "did you mean TTSTRAINER_AUDIO_QC_PORT?\n"
            ),
        ),
        (
            "TTSTRAINER_BEARER_TOKEN",
            "two words",
            (
                "audio-qc: TTSTRAINER_BEARER_TOKEN: its value: "
                "must be printable ASCII without spaces\n"
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_the_variable_that_holds_it(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    said: str,
) -> None:
    environment.setenv(variable, value)

    assert refusal(capsys) == said


def test_what_is_missing_is_named(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("TTSTRAINER_STORE_URL")

    assert refusal(capsys) == (
        "audio-qc: TTSTRAINER_AUDIO_QC_STORE_URL (or TTSTRAINER_STORE_URL) is not set\n"
    )


def test_only_a_service_that_keeps_artifacts_needs_a_store(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.delenv("TTSTRAINER_STORE_URL")

    assert load(ForgetfulSettings).store_url == ""


def test_all_mistakes_are_told_at_once(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("TTSTRAINER_PORT", "abc")
    environment.setenv("TTSTRAINER_LOG_LEVEL", "loud")
    said = refusal(capsys)

    assert "TTSTRAINER_PORT" in said
    assert "TTSTRAINER_LOG_LEVEL" in said


def test_a_table_that_is_not_json_is_named(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("TTSTRAINER_AUDIO_QC_THRESHOLDS", "{")

    assert "thresholds" in refusal(capsys)


@pytest.mark.parametrize(
    "given",
    [
        {"tls_certificate_file": "a.pem"},
        {"tls_key_file": "a.pem"},
        {"tls_client_ca_file": "a.pem"},
    ],
)
def test_half_of_tls_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="tls_certificate_file"):
        ServiceSettings.model_validate({"store_url": "file:///store", **given})


def test_secrets_are_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TTSTRAINER_S3_SECRET_KEY", "hunter2")
    settings = load(QcSettings)

    assert settings.s3_secret_key.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_every_setting_says_what_it_is_for() -> None:
    silent = [name for name, field in QcSettings.model_fields.items() if not field.description]

    assert silent == []
    assert QcSettings.model_fields["scratch_dir"].annotation is Path
