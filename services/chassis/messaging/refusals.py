"""What NATS says when it refuses something, read from its sentences; pure."""

import re
from dataclasses import dataclass

VIOLATION = re.compile(
    r"permissions violation for (?P<action>publish|subscription)"
    r'(?: with reply of| to) "(?P<subject>[^"]*)"',
    re.IGNORECASE,
)
UNWELCOME = re.compile(r"authorization violation|authentication", re.IGNORECASE)
"""Also of users that were revoked or have expired."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A thing that the user may not do."""

    action: str
    """publish or subscription"""
    subject: str
    """As the client hands it on: in lower case."""


def refusal_in(text: str) -> Refusal | None:
    """Returns what an error of the server refuses, or None when it refuses nothing."""
    found = VIOLATION.search(text)
    return Refusal(found["action"].lower(), found["subject"]) if found else None


def is_unwelcome(text: str) -> bool:
    """Says whether an error of the server means that it does not accept who we are."""
    return bool(UNWELCOME.search(text))


def advice_on_user(user: str, own_prefix: str) -> str:
    """Returns what to do when the server does not accept `user`, in one sentence."""
    names = f"{own_prefix}NATS_USER and {own_prefix}NATS_PASSWORD"
    shared = "TTSTRAINER_NATS_USER and TTSTRAINER_NATS_PASSWORD"
    if not user:
        return f"NATS asks who we are: set {names} (or {shared})."
    return (
        f"NATS does not accept the user {user} with this password: set {names} (or {shared}) "
        "to what the server's configuration says."
    )
