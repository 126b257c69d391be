"""Pages of a list: how many entries, and where the next page begins."""

from base64 import b64decode, urlsafe_b64encode

from services.chassis.errors import InvalidInputError

MAX_PAGE = 1000


def page_size(asked: int, default: int) -> int:
    """Returns how many entries a page holds; raises InvalidInputError for an absurd number."""
    if not 0 <= asked <= MAX_PAGE:
        message = f"A page holds 1 to {MAX_PAGE} entries, not {asked}."
        raise InvalidInputError(message, reason="INVALID_PAGE_SIZE", field="page_size")
    return asked or default


def to_token(place: str) -> str:
    """Returns the token of a place in a list."""
    return urlsafe_b64encode(place.encode()).decode()


def from_token(token: str) -> str:
    """Returns the place that a token names; raises InvalidInputError for one that is not ours."""
    try:
        return b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise bad_token() from None


def bad_token() -> InvalidInputError:
    """Returns the error for a token that was not given out here."""
    message = "This page token was not given out here; start again without one."
    return InvalidInputError(message, reason="INVALID_PAGE_TOKEN", field="page_token")
