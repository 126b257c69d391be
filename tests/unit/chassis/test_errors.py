"""The error taxonomy says the same on both transports."""

import grpc
import pytest

from services.chassis import errors
from services.chassis.errors import ServiceError
from services.chassis.rpc.rich_status import CODES, code_of, error_of, status_of

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ServiceError) and kind is not ServiceError
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_has_a_code_and_a_reason_of_its_own(kind: type[ServiceError]) -> None:
    assert kind in CODES
    assert kind("Something.").reason == kind.default_reason != ServiceError.default_reason


def test_a_more_special_error_has_the_code_of_its_kind() -> None:
    class TooLongError(errors.InvalidInputError):
        pass

    assert code_of(TooLongError("It is too long.")) is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_may_succeed_later_says_when_to_come_back(kind: type[ServiceError]) -> None:
    details = [detail.type_url for detail in status_of(kind("Something."), "abc").details]

    assert any("RetryInfo" in each for each in details) == kind.retryable


def test_a_status_that_grpc_lost_is_worth_another_try() -> None:
    lost = grpc.aio.AioRpcError(
        grpc.StatusCode.INTERNAL,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(),
        details="Internal error from Core",
    )

    assert error_of(lost).retryable


def test_details_that_are_not_ours_do_no_harm() -> None:
    strange = grpc.aio.AioRpcError(
        grpc.StatusCode.NOT_FOUND,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(("grpc-status-details-bin", b"\xff\xff")),
        details="no such thing",
    )

    error = error_of(strange)
    assert isinstance(error, errors.NotFoundError)
    assert error.message == "no such thing"
