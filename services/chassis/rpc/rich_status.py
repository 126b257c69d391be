"""Errors as google.rpc.Status: the code, a sentence for people, details for programs; and back."""

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RequestInfo, RetryInfo
from google.rpc.status_pb2 import Status

from services.chassis import errors
from services.chassis.errors import ServiceError

DOMAIN = "tts-trainer"
DETAILS_KEY = "grpc-status-details-bin"
DEFAULT_RETRY_SECONDS = 1.0
MAX_MESSAGE_BYTES = 1000
"""A status travels twice in trailing metadata, which HTTP/2 peers limit to 8 KiB."""

CALL_INTERRUPTED = "CALL_INTERRUPTED"
LOST_STATUS = "Internal error from Core"
"""What a streaming client sees instead of the status when the server refuses early and a write
fails in the same moment (https://github.com/grpc/grpc/issues/36066, open in grpcio 1.85)."""
SHUTTING_DOWN = errors.ShutdownError.default_reason

CODES: dict[type[ServiceError], grpc.StatusCode] = {
    errors.InvalidInputError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
    errors.ConflictError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.AlreadyExistsError: grpc.StatusCode.ALREADY_EXISTS,
    errors.OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.UnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.UnauthenticatedError: grpc.StatusCode.UNAUTHENTICATED,
    errors.DeadlineExceededError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.ShutdownError: grpc.StatusCode.CANCELLED,
    errors.CancelledByUserError: grpc.StatusCode.CANCELLED,
}
KINDS = {code: kind for kind, code in CODES.items()}


def code_of(error: ServiceError) -> grpc.StatusCode:
    """Returns the status code that the kind of `error` stands for."""
    kinds = type(error).__mro__
    return next((CODES[kind] for kind in kinds if kind in CODES), grpc.StatusCode.UNKNOWN)


def status_of(error: ServiceError, request_id: str) -> Status:
    """Returns what the caller is told of an error that it is meant to see."""
    message = _shortened(error.message)
    status = Status(code=code_of(error).value[0], message=message)
    status.details.add().Pack(ErrorInfo(reason=error.reason, domain=DOMAIN))
    status.details.add().Pack(RequestInfo(request_id=request_id))
    if error.field:
        violation = BadRequest.FieldViolation(
            field=_shortened(error.field), description="See the message.", reason=error.reason
        )
        status.details.add().Pack(BadRequest(field_violations=[violation]))
    if error.retryable or error.retry_after_seconds is not None:
        delay = Duration()
        seconds = error.retry_after_seconds
        delay.FromNanoseconds(round((DEFAULT_RETRY_SECONDS if seconds is None else seconds) * 1e9))
        status.details.add().Pack(RetryInfo(retry_delay=delay))
    return status


def internal_status(request_id: str) -> Status:
    """Returns what the caller is told of an error that nobody expected: only where to look."""
    message = f"Internal error: look for request id {request_id} in the service's log."
    status = Status(code=grpc.StatusCode.INTERNAL.value[0], message=message)
    status.details.add().Pack(ErrorInfo(reason="INTERNAL", domain=DOMAIN))
    status.details.add().Pack(RequestInfo(request_id=request_id))
    return status


def error_of(failure: grpc.aio.AioRpcError) -> ServiceError:
    """Returns the error that a failed call tells of, as the server raised it."""
    code = failure.code()
    if code is grpc.StatusCode.INTERNAL and failure.details() == LOST_STATUS:
        message = "The service ended the call before all of it was sent: try it again."
        return errors.UnavailableError(message, reason=CALL_INTERRUPTED)
    status = _details_in(failure)
    message = status.message or _plain_message(code, failure.details() or "")
    info, bad_request, retry = ErrorInfo(), BadRequest(), RetryInfo()
    given = {
        type(detail).__name__
        for packed in status.details
        for detail in (info, bad_request, retry)
        if packed.Unpack(detail)
    }
    field = bad_request.field_violations[0].field if bad_request.field_violations else ""
    delay_seconds = retry.retry_delay.ToNanoseconds() / 1e9 if "RetryInfo" in given else None
    kind = KINDS.get(code, ServiceError)
    if code is grpc.StatusCode.CANCELLED and info.reason in {"", SHUTTING_DOWN}:
        kind = errors.ShutdownError  # without a reason it is gRPC's own, for a call come too late
    return kind(
        message,
        reason=info.reason or ("" if code in KINDS else code.name),
        field=field,
        retry_after_seconds=delay_seconds,
    )


def _details_in(failure: grpc.aio.AioRpcError) -> Status:
    for key, value in failure.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:  # not from one of our servers
                break
    return Status()


def _plain_message(code: grpc.StatusCode, details: str) -> str:
    """Says what gRPC itself found, where no service of ours has answered."""
    if code is grpc.StatusCode.UNAVAILABLE:
        return f"The service does not answer: start it, or check its address ({details})."
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "The service did not answer within the deadline of the call."
    if code is grpc.StatusCode.CANCELLED:
        return "The service ended the call, because it is shutting down or restarting."
    return details or code.name


def _shortened(text: str) -> str:
    """Metadata escapes each byte of non-ASCII text as three."""
    encoded = text.encode(errors="replace")
    if len(encoded) <= MAX_MESSAGE_BYTES:
        return encoded.decode()
    return encoded[: MAX_MESSAGE_BYTES - 3].decode(errors="ignore") + "…"
