"""Every kind of RPC tells every error the same way."""

import asyncio
import errno
from collections.abc import AsyncIterator

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RequestInfo, RetryInfo
from google.rpc.status_pb2 import Status
from structlog.testing import capture_logs

from services.chassis import errors
from services.chassis.channel import error_of
from services.chassis.errors import (
    AlreadyExistsError,
    CancelledByUserError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)
from tests.fakes.echo import KINDS, EchoService, Respond, call, texts_of
from tests.fakes.serving import serving

RAISED = [
    (InvalidInputError("It is too long."), grpc.StatusCode.INVALID_ARGUMENT),
    (NotFoundError("It is not there."), grpc.StatusCode.NOT_FOUND),
    (ConflictError("It is running."), grpc.StatusCode.FAILED_PRECONDITION),
    (AlreadyExistsError("It is there."), grpc.StatusCode.ALREADY_EXISTS),
    (OverloadedError("There is no room."), grpc.StatusCode.RESOURCE_EXHAUSTED),
    (UnavailableError("The store is away."), grpc.StatusCode.UNAVAILABLE),
    (CancelledByUserError("Somebody stopped it."), grpc.StatusCode.CANCELLED),
]

pytestmark = pytest.mark.parametrize("kind", KINDS)


def raising(error: BaseException) -> Respond:
    async def respond(text: str) -> AsyncIterator[str]:
        raise error
        yield text

    return respond


async def failure_of(kind: str, error: BaseException) -> grpc.aio.AioRpcError:
    async with serving(EchoService(raising(error)).register) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await texts_of(call(channel, kind, metadata=(("x-request-id", "abc"),)))
    return caught.value


def details_of(failure: grpc.aio.AioRpcError) -> Status:
    metadata = dict(failure.trailing_metadata())
    return Status.FromString(metadata["grpc-status-details-bin"])


@pytest.mark.parametrize(("error", "code"), RAISED)
async def test_a_raised_error_becomes_its_status_and_comes_back_as_the_same_error(
    kind: str, error: ServiceError, code: grpc.StatusCode
) -> None:
    failure = await failure_of(kind, error)
    returned = error_of(failure)

    assert (failure.code(), failure.details()) == (code, error.message)
    assert type(returned) is type(error)
    assert (returned.message, returned.reason) == (error.message, error.reason)


async def test_the_details_name_the_field_the_reason_the_request_and_the_time_to_wait(
    kind: str,
) -> None:
    error = OverloadedError(
        "Wait.", reason="QUEUE_FULL", field="input_uri", retry_after_seconds=2.5
    )
    failure = await failure_of(kind, error)
    found: list[object] = []
    for detail in (BadRequest(), ErrorInfo(), RetryInfo(), RequestInfo()):
        found += [detail for packed in details_of(failure).details if packed.Unpack(detail)]

    bad_request, info, retry, request = found
    assert isinstance(bad_request, BadRequest)
    assert bad_request.field_violations[0].field == "input_uri"
    assert isinstance(info, ErrorInfo)
    assert (info.reason, info.domain) == ("QUEUE_FULL", "tts-trainer")
    assert isinstance(retry, RetryInfo)
    assert retry.retry_delay.ToTimedelta().total_seconds() == 2.5
    assert isinstance(request, RequestInfo)
    assert request.request_id == "abc"
    assert error_of(failure).retry_after_seconds == 2.5
    assert error_of(failure).field == "input_uri"


async def test_an_unexpected_error_is_told_without_detail_and_logged_once(kind: str) -> None:
    with capture_logs() as logs:
        failure = await failure_of(kind, RuntimeError("the password is hunter2"))

    assert failure.code() is grpc.StatusCode.INTERNAL
    assert "abc" in (failure.details() or "")
    assert "hunter2" not in repr(failure)
    assert b"hunter2" not in details_of(failure).SerializeToString()
    assert [line["event"] for line in logs].count("rpc.failed") == 1
    assert all(line["exc_info"] for line in logs if line["event"] == "rpc.failed")


async def test_a_full_disk_is_told_as_such(kind: str) -> None:
    failure = await failure_of(kind, OSError(errno.ENOSPC, "No space left on device"))

    assert failure.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error_of(failure).reason == "SCRATCH_FULL"


async def test_a_use_case_that_was_cancelled_from_inside_is_told_as_cancelled(kind: str) -> None:
    failure = await failure_of(kind, asyncio.CancelledError())

    assert failure.code() is grpc.StatusCode.CANCELLED


@pytest.mark.parametrize("message", ["x" * 100_000, "ü" * 50_000, "two\nlines, \u0000 and 😀"])
async def test_any_message_fits_into_the_metadata(kind: str, message: str) -> None:
    failure = await failure_of(kind, InvalidInputError(message, field="f" * 5000))

    assert failure.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_of(failure).message[:10] == message[:10]


async def test_a_server_that_is_not_there_is_unavailable_and_says_what_to_do(kind: str) -> None:
    async with grpc.aio.insecure_channel("127.0.0.1:1") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await texts_of(call(channel, kind))

    error = error_of(caught.value)
    assert isinstance(error, errors.UnavailableError)
    assert error.message.startswith("The service does not answer: start it")
