"""Which error leads to which fate of a delivery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import (
    CancelledByUserError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)
from services.chassis.queue_worker.settling import (
    Fate,
    HandedBackError,
    MalformedRequestError,
    RetryPolicy,
    Settlement,
    StepTimeoutError,
    failure_of,
    settlement_of,
)

POLICY = RetryPolicy(
    max_failures=3, max_deliveries=5, first_delay_seconds=1, longest_delay_seconds=60
)
INNER_ERROR = ZeroDivisionError("the secret of the house")


def settled(error: Exception, *, delivery_count: int = 1, failure_count: int = 1) -> Settlement:
    return settlement_of(error, POLICY, delivery_count=delivery_count, failure_count=failure_count)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInputError("no"), "INVALID_ARGUMENT"),
        (NotFoundError("no"), "NOT_FOUND"),
        (ConflictError("no"), "FAILED_PRECONDITION"),
    ],
)
def test_what_cannot_succeed_is_refused_at_once(error: ServiceError, code: str) -> None:
    settlement = settled(error)
    assert settlement.fate is Fate.REFUSED
    assert settlement.failure is not None
    assert (settlement.failure.code, settlement.failure.retryable) == (code, False)
    assert settlement.failure.message == "no"


@pytest.mark.parametrize("error", [OverloadedError("later"), UnavailableError("later")])
def test_trouble_around_the_work_is_retried_until_the_last_delivery(error: ServiceError) -> None:
    assert settled(error, delivery_count=4, failure_count=0).fate is Fate.RETRIED
    assert settled(error, delivery_count=5, failure_count=0).fate is Fate.BURIED


@pytest.mark.parametrize("error", [INNER_ERROR, StepTimeoutError()])
def test_trouble_of_the_work_itself_is_retried_until_it_failed_often_enough(
    error: Exception,
) -> None:
    assert settled(error, failure_count=2).fate is Fate.RETRIED
    assert settled(error, failure_count=3).fate is Fate.BURIED


def test_killed_workers_do_not_count_as_failures() -> None:
    assert settled(INNER_ERROR, delivery_count=4, failure_count=1).fate is Fate.RETRIED


def test_a_malformed_request_is_buried_at_once() -> None:
    assert settled(MalformedRequestError()).fate is Fate.BURIED


def test_a_shutdown_hands_back_without_delay() -> None:
    assert settled(HandedBackError(), delivery_count=5) == Settlement(Fate.HANDED_BACK)


def test_what_the_user_cancelled_is_not_announced_as_a_failure() -> None:
    assert settled(CancelledByUserError("stop")) == Settlement(Fate.CANCELLED)


def test_an_error_may_ask_for_its_own_delay() -> None:
    assert settled(OverloadedError("later", retry_after_seconds=7)).delay_seconds == 7


def test_delays_double_up_to_the_longest() -> None:
    delays = [POLICY.delay_seconds(tries) for tries in (1, 2, 3, 6, 7, 1000)]
    assert delays == [1, 2, 4, 32, 60, 60]


def test_the_text_of_an_unexpected_error_is_told_to_nobody() -> None:
    failure = failure_of(INNER_ERROR)
    assert "secret" not in failure.message
    assert (failure.code, failure.reason) == ("INTERNAL", "INTERNAL")


@given(
    error=st.sampled_from([INNER_ERROR, OverloadedError("x"), StepTimeoutError()]),
    delivery_count=st.integers(1, 50),
    failure_count=st.integers(0, 50),
)
def test_nothing_is_retried_for_ever(
    error: Exception, delivery_count: int, failure_count: int
) -> None:
    settlement = settled(error, delivery_count=delivery_count, failure_count=failure_count)
    if delivery_count >= POLICY.max_deliveries:
        assert settlement.fate is Fate.BURIED
    if settlement.fate is Fate.RETRIED:
        assert settlement.delay_seconds > 0
