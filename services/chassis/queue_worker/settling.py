"""How a delivery is settled: which error leads to which fate. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from services.chassis.errors import (
    CancelledByUserError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)

STATUS_NAMES: dict[type[ServiceError], str] = {
    InvalidInputError: "INVALID_ARGUMENT",
    NotFoundError: "NOT_FOUND",
    ConflictError: "FAILED_PRECONDITION",
    OverloadedError: "RESOURCE_EXHAUSTED",
    UnavailableError: "UNAVAILABLE",
}


class HandedBackError(Exception):
    """The worker shuts down and has not finished: another one takes the step."""


class StepTimeoutError(Exception):
    """The step took longer than a step may take."""


class MalformedRequestError(Exception):
    """What was queued is no request for the method, or belongs to no step."""


class Fate(StrEnum):
    """What becomes of a delivery; also the `outcome` label of the metric."""

    DONE = "done"
    """The event is stored: acknowledge."""
    REFUSED = "refused"
    """Another try cannot help: terminate and announce the failure."""
    RETRIED = "retried"
    """Another try may help: deliver again, later."""
    BURIED = "buried"
    """It was tried often enough: keep it among the dead letters and announce the failure."""
    HANDED_BACK = "handed_back"
    """Not finished: deliver again, at once."""
    CANCELLED = "cancelled"
    """Nobody wants it any more: terminate."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed, in the words of the wire."""

    code: str
    """The gRPC status by name."""
    reason: str
    """UPPER_SNAKE_CASE."""
    message: str
    retryable: bool
    """Whether another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The fate of one delivery, with what it takes to carry it out."""

    fate: Fate
    failure: Failure | None = None
    delay_seconds: float = 0.0
    """Until the next delivery, when it is retried."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon work is tried again."""

    max_failures: int = 3
    """Of errors that nobody expected, and of steps that took too long."""
    max_deliveries: int = 20
    """Of any kind, killed workers included."""
    first_delay_seconds: float = 1.0
    longest_delay_seconds: float = 60.0

    def delay_seconds(self, try_count: int) -> float:
        """Returns the wait after the given try: doubling, up to the longest."""
        doublings = min(max(try_count, 1) - 1, 30)
        return min(self.first_delay_seconds * 2.0**doublings, self.longest_delay_seconds)


def is_counted(error: Exception) -> bool:
    """Says whether `error` is a failure of the work itself, as opposed to of its surroundings.

    Only these count towards `max_failures`: a killed worker or an absent store must not condemn
    a step.
    """
    return not isinstance(error, ServiceError | HandedBackError | MalformedRequestError)


def settlement_of(
    error: Exception, policy: RetryPolicy, *, delivery_count: int, failure_count: int
) -> Settlement:
    """Returns the fate of a delivery that ended with `error`.

    `delivery_count` and `failure_count` include this one.
    """
    if isinstance(error, HandedBackError):
        return Settlement(Fate.HANDED_BACK)
    if isinstance(error, CancelledByUserError):
        return Settlement(Fate.CANCELLED)
    failure = failure_of(error)
    if isinstance(error, MalformedRequestError):
        return Settlement(Fate.BURIED, failure)
    if isinstance(error, ServiceError) and not error.retryable:
        return Settlement(Fate.REFUSED, failure)
    spent = is_counted(error) and failure_count >= policy.max_failures
    if spent or delivery_count >= policy.max_deliveries:
        return Settlement(Fate.BURIED, failure)
    try_count = failure_count if is_counted(error) else delivery_count
    delay_seconds = policy.delay_seconds(try_count)
    if isinstance(error, ServiceError) and error.retry_after_seconds is not None:
        delay_seconds = error.retry_after_seconds
    return Settlement(Fate.RETRIED, failure, delay_seconds)


def failure_of_lost(method: str, delivery_count: int) -> Failure:
    """Returns what may be told of a step of `method` that no worker lived to settle."""
    service, _, step = method.rpartition(".")
    message = (
        f"Every worker of {service.rpartition('.')[2]} that took {step} was lost before it could "
        f"finish, in {delivery_count} deliveries: see its log, and whether it has enough memory."
    )
    # Not to be queued again by itself: it took a worker with it on every delivery already.
    return Failure("INTERNAL", "WORKER_LOST", message, retryable=False)


def failure_of(error: Exception) -> Failure:
    """Returns what may be told of `error`: nothing of the text of an unexpected one."""
    if isinstance(error, ServiceError):
        codes = (code for kind, code in STATUS_NAMES.items() if isinstance(error, kind))
        code = next(codes, "UNKNOWN")
        return Failure(code, error.reason, error.message, error.retryable)
    if isinstance(error, StepTimeoutError):
        message = "The step took longer than a step may take, on every try."
        return Failure("DEADLINE_EXCEEDED", "STEP_TIMEOUT", message, retryable=True)
    if isinstance(error, MalformedRequestError):
        message = "The queued request cannot be read: the services may differ in version."
        return Failure("INVALID_ARGUMENT", "MALFORMED_REQUEST", message, retryable=False)
    message = "The step failed for an internal reason: see the worker's log."
    return Failure("INTERNAL", "INTERNAL", message, retryable=True)
