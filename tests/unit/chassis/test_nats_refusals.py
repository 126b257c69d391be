"""What NATS refuses is read from its sentences, and told with what to do."""

import pytest

from services.chassis.errors import UnavailableError
from services.chassis.messaging.nats_errors import PublishRefusedError, translated_nats_errors
from services.chassis.messaging.refusals import Refusal, advice_on_user, is_unwelcome, refusal_in


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (
            'nats: permissions violation for publish to "$js.api.stream.purge.work"',
            Refusal("publish", "$js.api.stream.purge.work"),
        ),
        (
            'nats: permissions violation for subscription to "_inbox.>"',
            Refusal("subscription", "_inbox.>"),
        ),
        (
            'Permissions Violation for Subscription to "workers.a" using queue "workers"',
            Refusal("subscription", "workers.a"),
        ),
        (
            'Permissions Violation for Publish with Reply of "_INBOX.a" to "b"',
            Refusal("publish", "_INBOX.a"),
        ),
    ],
)
def test_a_violation_names_what_is_refused(said: str, refusal: Refusal) -> None:
    assert refusal_in(said) == refusal


@pytest.mark.parametrize("said", ["", "nats: unexpected EOF", "nats: authorization failed"])
def test_other_errors_are_no_violation(said: str) -> None:
    assert refusal_in(said) is None


@pytest.mark.parametrize(
    ("said", "unwelcome"),
    [
        ("nats: 'Authorization Violation'", True),
        ("nats: 'User Authentication Expired'", True),
        ("nats: 'Authentication Timeout'", True),
        ('nats: permissions violation for publish to "a"', False),
        ("nats: timeout", False),
        ("[Errno 111] Connection refused", False),
    ],
)
def test_a_server_that_does_not_accept_us_is_told_from_one_that_is_away(
    said: str, *, unwelcome: bool
) -> None:
    assert is_unwelcome(said) == unwelcome


def test_the_advice_names_the_settings_and_the_user_but_no_password() -> None:
    assert "TTSTRAINER_AUDIO_QC_NATS_USER" in advice_on_user("", "TTSTRAINER_AUDIO_QC_")
    advice = advice_on_user("audio-qc", "TTSTRAINER_AUDIO_QC_")
    assert "the user audio-qc" in advice
    assert "TTSTRAINER_AUDIO_QC_NATS_PASSWORD (or " in advice


def test_a_refused_publish_is_an_outage_that_names_the_subject() -> None:
    with (
        pytest.raises(UnavailableError, match=r"the user media publish to work\.x") as caught,
        translated_nats_errors(),
    ):
        raise PublishRefusedError("work.x", "media")
    assert caught.value.reason == "BUS_REFUSES_SUBJECT"
