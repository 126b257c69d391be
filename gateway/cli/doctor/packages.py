"""The Python packages that each service needs."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from gateway.cli.doctor.finding import Finding, missing, ok
from gateway.services import ALL, BOT

DISTRIBUTION = "tts-trainer"
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def package_checks() -> Iterator[Finding]:
    """Yields a finding for each service: are the packages of its extra installed?"""
    yield ok(DISTRIBUTION, metadata(DISTRIBUTION)["Version"])
    needed = packages_by_extra(requires(DISTRIBUTION) or [])
    for extra in ("", *(service.name for service in (*ALL, BOT)), "gateway"):
        names = needed.get(extra, [])
        lacking = [name for name in names if not _is_installed(name)]
        subject = f"packages of {extra or 'the chassis'}"
        if lacking:
            wanted = f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
            remedy = f"pip install '{wanted}' --constraint constraints.txt"
            yield missing(subject, f"not installed: {', '.join(lacking)}", remedy)
        else:
            yield ok(subject, f"{len(names)} of {len(names)} installed")


def packages_by_extra(requirements: list[str]) -> dict[str, list[str]]:
    """Returns the names of required packages by extra; those of the distribution under ""."""
    found: dict[str, list[str]] = {}
    for requirement in requirements:
        name = NAME.match(requirement)
        if name is None:
            continue
        extra = EXTRA.search(requirement)
        found.setdefault(extra.group(1) if extra else "", []).append(name.group())
    return found


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
