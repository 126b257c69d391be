"""One thing the doctor looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How good it is."""

    OK = "ok"
    WARNING = "warn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    health: Health
    subject: str
    detail: str
    remedy: str = ""


def ok(subject: str, detail: str) -> Finding:
    """Returns a finding that needs nothing."""
    return Finding(Health.OK, subject, detail)


def warning(subject: str, detail: str, remedy: str = "") -> Finding:
    """Returns a finding that one can live with."""
    return Finding(Health.WARNING, subject, detail, remedy)


def missing(subject: str, detail: str, remedy: str) -> Finding:
    """Returns a finding that one cannot live with."""
    return Finding(Health.MISSING, subject, detail, remedy)
