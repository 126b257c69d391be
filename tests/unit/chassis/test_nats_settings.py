"""Who a service is to NATS is checked before it connects."""

import pytest
from pydantic import SecretStr, ValidationError

from services.chassis.settings import ServiceSettings
from services.media.settings import MediaSettings
from services.pipeline.settings import PipelineSettings

STORE = "file:///store"


@pytest.mark.parametrize(
    "incomplete", [{"nats_user": "media"}, {"nats_password": SecretStr("secret")}]
)
def test_a_user_and_a_password_go_together(incomplete: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="nats_user and nats_password go together"):
        ServiceSettings.model_validate({"store_url": STORE, **incomplete})


@pytest.mark.parametrize("user", ["a.b", "a b", "*", ">"])
def test_a_user_is_a_part_of_subjects(user: str) -> None:
    with pytest.raises(ValidationError, match="nats_user"):
        ServiceSettings(store_url=STORE, nats_user=user, nats_password=SecretStr("secret"))


@pytest.mark.parametrize("replica_count", [0, 6])
def test_nats_keeps_one_to_five_replicas(replica_count: int) -> None:
    with pytest.raises(ValidationError, match="nats_replicas"):
        ServiceSettings(store_url=STORE, nats_replicas=replica_count)


def test_one_service_leads_runs() -> None:
    assert (PipelineSettings.leads_runs, MediaSettings.leads_runs) == (True, False)


def test_the_password_is_in_no_text_of_the_settings() -> None:
    settings = ServiceSettings(
        store_url=STORE, nats_user="media", nats_password=SecretStr("sesame")
    )
    assert "sesame" not in repr(settings)
