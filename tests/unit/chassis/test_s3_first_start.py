"""What the first start of the S3 server decides without one."""

import json
from pathlib import Path

import pytest

from services.chassis.storage.first_start.policies import (
    drop_policy,
    inference_policy,
    services_policy,
)
from services.chassis.storage.first_start.preflight import is_loopback, objection

IDENTITIES = Path(__file__).parents[3] / "deploy" / "s3" / "identities.json"
KNOWN = {"S3_ADMIN_SECRET_KEY": "local-only-admin", "NATS_MEDIA_PASSWORD": "local-only-media"}
OWN = {"S3_ADMIN_SECRET_KEY": "kqZ81", "NATS_MEDIA_PASSWORD": "kx72f", "S3_ENDPOINT": "local-only-"}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "[::1]", "localhost"])
def test_secrets_that_everybody_knows_do_on_this_machine_alone(address: str) -> None:
    assert is_loopback(address)
    assert objection(address, KNOWN) == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "", "192.168.1.4", "::", "example.org"])  # noqa: S104
def test_secrets_that_everybody_knows_are_refused_where_others_reach_them(address: str) -> None:
    told = objection(address, KNOWN)
    assert "NATS_MEDIA_PASSWORD, S3_ADMIN_SECRET_KEY are empty or still the default" in told
    assert "local-only" not in told
    assert "\n" not in told


def test_own_secrets_are_good_anywhere() -> None:
    assert objection("203.0.113.7", OWN) == ""


def test_an_empty_secret_is_one_that_everybody_knows() -> None:
    assert "NATS_ADMIN_PASSWORD" in objection("203.0.113.7", OWN | {"NATS_ADMIN_PASSWORD": ""})


def test_both_kinds_of_server_allow_the_same() -> None:
    deployed = json.loads(IDENTITIES.read_text())["policies"]
    assert deployed == [
        {"name": "inference", "document": inference_policy("tts-trainer")},
        {"name": "drop", "document": drop_policy("tts-trainer")},
    ]


def test_no_policy_allows_anything_with_buckets_or_everything() -> None:
    for policy_of in (services_policy, inference_policy, drop_policy):
        policy = policy_of("tts-trainer")
        actions = {action for each in policy["Statement"] for action in each["Action"]}
        assert not any("*" in action for action in actions)
        assert {action for action in actions if action.endswith("Bucket")} == {"s3:ListBucket"}
        resources = {resource for each in policy["Statement"] for resource in each["Resource"]}
        assert all(resource.startswith("arn:aws:s3:::tts-trainer") for resource in resources)
