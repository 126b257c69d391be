"""What an S3 endpoint's errors mean to the rest of the house."""

import urllib3
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from services.chassis.artifacts import missing
from services.chassis.errors import InvalidInputError, OverloadedError, UnavailableError
from services.chassis.process.full_disk import full_disk_in

FAILURES = (MinioException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""What the SDK raises; anything else is a bug and passes through."""

ABSENT = {"NoSuchKey", "NoSuchObject"}
EXISTS = {"PreconditionFailed"}
CONDITION_RACE = {"ConditionalRequestConflict", "OperationAborted"}
OUT_OF_RANGE = {"InvalidRange"}
NO_BUCKET = {"NoSuchBucket"}
BUCKET_EXISTS = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
UNKNOWN_KEY = {"InvalidAccessKeyId", "SignatureDoesNotMatch"}
DENIED = {"AccessDenied", *UNKNOWN_KEY}
SKEWED = {"RequestTimeTooSkewed"}
BUSY = {"SlowDown", "TooManyRequests", "XMinioStorageFull", "ServiceUnavailable"}
BAD_NAME = {"InvalidObjectName", "KeyTooLongError", "XMinioInvalidObjectName"}

MEANINGS = (
    (
        NO_BUCKET,
        UnavailableError,
        "STORE_HAS_NO_BUCKET",
        "The S3 server has no such bucket, and our key may not make it: run s3-init, or make it.",
    ),
    (
        SKEWED,
        UnavailableError,
        "STORE_CLOCK_DIFFERS",
        "The S3 server's clock and ours differ too much ({code}): set the clocks of both machines.",
    ),
    (
        DENIED,
        UnavailableError,
        "STORE_DENIED",
        "The S3 server refused us ({code}): check the access key and its policy.",
    ),
    (
        BUSY,
        OverloadedError,
        "STORE_BUSY",
        "The S3 server is too busy or full ({code}): try again later.",
    ),
)
"""Codes, what is raised for them, its reason and its message."""


def code_of(error: Exception) -> str:
    """Returns the S3 error code, or what the bare HTTP status stands for, or nothing."""
    if isinstance(error, S3Error):
        return str(error.code)
    status: int = 0
    if isinstance(error, ServerError):
        status = error.status_code
    if isinstance(error, InvalidResponseError):
        status = error._code  # noqa: SLF001 - the SDK shows it in the text only
    return {404: "NoSuchKey", 412: "PreconditionFailed", 416: "InvalidRange"}.get(status, "")


def service_error_of(error: Exception, key: str) -> Exception:
    """Translates one of `FAILURES`, met while working on `key`, into our taxonomy."""
    if full := full_disk_in(error):  # ours: the server's own is told by a code
        return full
    code = code_of(error)
    if code in ABSENT:
        return missing(key)
    if code in BAD_NAME or isinstance(error, ValueError):
        message = f"The S3 server does not accept the key {key!r}: choose another name."
        return InvalidInputError(message, reason="INVALID_ARTIFACT_KEY")
    for codes, error_type, reason, message in MEANINGS:
        if code in codes:
            return error_type(message.format(code=code), reason=reason)
    cause = code or type(error).__name__
    message = (
        f"The S3 server cannot be reached or failed ({cause}): check that it runs and has room on "
        "its disk."
    )
    return UnavailableError(message, reason="STORE_UNAVAILABLE")
