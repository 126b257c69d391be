"""What the errors of an S3 endpoint mean."""

import errno

import pytest
import urllib3
from minio.error import S3Error

from services.chassis.errors import (
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)
from services.chassis.storage.s3_errors import service_error_of


def s3_error(code: str) -> S3Error:
    response = urllib3.HTTPResponse(status=403)
    return S3Error(response, code, "", "", "", "")


@pytest.mark.parametrize(
    ("code", "error_type", "reason", "advice"),
    [
        ("NoSuchKey", NotFoundError, "ARTIFACT_NOT_FOUND", "deleted"),
        ("NoSuchBucket", UnavailableError, "STORE_HAS_NO_BUCKET", "run s3-init"),
        ("AccessDenied", UnavailableError, "STORE_DENIED", "check the access key"),
        ("InvalidAccessKeyId", UnavailableError, "STORE_DENIED", "check the access key"),
        ("RequestTimeTooSkewed", UnavailableError, "STORE_CLOCK_DIFFERS", "set the clocks"),
        ("SlowDown", OverloadedError, "STORE_BUSY", "try again"),
        ("InternalError", UnavailableError, "STORE_UNAVAILABLE", "has room on its disk"),
        ("KeyTooLongError", InvalidInputError, "INVALID_ARTIFACT_KEY", "choose another name"),
    ],
)
def test_each_code_has_a_meaning_and_advice(
    code: str, error_type: type[ServiceError], reason: str, advice: str
) -> None:
    error = service_error_of(s3_error(code), "blobs/1")
    assert type(error) is error_type
    assert isinstance(error, ServiceError)
    assert error.reason == reason
    assert advice in error.message


def test_a_download_that_finds_no_space_here_is_not_taken_for_trouble_with_the_server() -> None:
    error = service_error_of(OSError(errno.ENOSPC, "No space left on device"), "blobs/1")
    assert isinstance(error, OverloadedError)
    assert error.reason == "SCRATCH_FULL"


def test_an_endpoint_that_does_not_answer_is_unavailable() -> None:
    error = service_error_of(urllib3.exceptions.HTTPError("refused at 10.0.0.1"), "blobs/1")
    assert isinstance(error, UnavailableError)
    assert "10.0.0.1" not in error.message
