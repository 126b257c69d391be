"""What the errors of NATS mean to the rest of the house."""

from collections.abc import Iterator
from contextlib import contextmanager

import nats.errors
from nats.js.errors import APIError

from services.chassis.errors import InvalidInputError, OverloadedError, UnavailableError

FULL_CODES = {10047, 10077}
"""JSStorageResourcesExceeded and JSStreamStoreFailed ("maximum bytes exceeded")."""


class PublishRefusedError(nats.errors.Error):
    """The server's configuration does not let this user publish to a subject."""

    def __init__(self, subject: str, user: str) -> None:
        """Names both."""
        super().__init__(
            f"NATS does not let {f'the user {user}' if user else 'us'} publish to {subject}: "
            "add it to the user's permissions in the server's configuration."
        )


@contextmanager
def translated_nats_errors() -> Iterator[None]:
    """Turns the client's errors into ours; a wrong use of the client stays an error of its own."""
    try:
        yield
    except nats.errors.MaxPayloadError as error:
        message = "The message is too large for the bus: put the bulk into an artifact."
        raise InvalidInputError(message, reason="MESSAGE_TOO_LARGE") from error
    except PublishRefusedError as error:
        raise UnavailableError(str(error), reason="BUS_REFUSES_SUBJECT") from error
    except APIError as error:
        if error.err_code in FULL_CODES:
            message = "The queue is full: try again when the workers have caught up."
            raise OverloadedError(message, reason="QUEUE_FULL") from error
        raise UnavailableError(
            f"NATS refused a request (error {error.err_code}): check the server's log.",
            reason="BUS_UNAVAILABLE",
        ) from error
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise UnavailableError(
            f"NATS did not answer ({type(error).__name__}): check that nats-server runs.",
            reason="BUS_UNAVAILABLE",
        ) from error
