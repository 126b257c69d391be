"""What can go wrong, said once for every transport.

Use cases raise these; `rpc` turns them into status codes and the work loop into
acknowledgements. Anything else that escapes is a bug, and its text is shown to nobody.
"""

from typing import ClassVar


class ServiceError(Exception):
    """A failure the caller is meant to see and can act on."""

    retryable: ClassVar[bool] = False
    default_reason: ClassVar[str] = "FAILED"

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        field: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        """Says what is wrong and what to do next in `message`, a sentence for people.

        `reason` is a constant in UPPER_SNAKE_CASE for programs, `field` the request field that
        is at fault, `retry_after_seconds` when another try makes sense.
        """
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.field = field
        self.retry_after_seconds = retry_after_seconds


class InvalidInputError(ServiceError):
    """The request can never succeed as it stands."""

    default_reason = "INVALID_INPUT"


class NotFoundError(ServiceError):
    """Something the request names is not there."""

    default_reason = "NOT_FOUND"


class ConflictError(ServiceError):
    """What the request names is in a state that forbids this."""

    default_reason = "CONFLICT"


class AlreadyExistsError(ConflictError):
    """What the request would make is there already."""

    default_reason = "ALREADY_EXISTS"


class OverloadedError(ServiceError):
    """No capacity now; the same request may succeed later."""

    retryable = True
    default_reason = "OVERLOADED"


class UnavailableError(ServiceError):
    """Something we depend on did not answer."""

    retryable = True
    default_reason = "UNAVAILABLE"


class CancelledByUserError(ServiceError):
    """Somebody ended the work on purpose: it is not tried again."""

    default_reason = "CANCELLED"


class UnauthenticatedError(ServiceError):
    """The caller did not show who it is; only the RPC edge raises this."""

    default_reason = "UNAUTHENTICATED"


class DeadlineExceededError(ServiceError):
    """The time for the call is over; only the RPC edge raises this."""

    default_reason = "DEADLINE_EXCEEDED"


class ShutdownError(ServiceError):
    """The service stops before the call is done; only the RPC edge raises this."""

    retryable = True
    default_reason = "SHUTTING_DOWN"
