"""Refuses to serve strangers behind secrets that everybody knows; pure."""

from collections.abc import Mapping
from ipaddress import ip_address

DEFAULT_SECRET = "local-only-"  # noqa: S105 - what the well-known ones start with
SECRETS = ("_PASSWORD", "_SECRET_KEY")


def known_secrets(environment: Mapping[str, str]) -> list[str]:
    """Returns the variables whose secrets are the defaults of the compose file, or nothing."""
    return sorted(
        name
        for name, value in environment.items()
        if name.endswith(SECRETS) and (not value or value.startswith(DEFAULT_SECRET))
    )


def is_loopback(address: str) -> bool:
    """Says whether an address reaches this machine alone; no address stands for all of them."""
    try:
        return address == "localhost" or ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def objection(publish_address: str, environment: Mapping[str, str]) -> str:
    """Returns why the stack must not start, or an empty text."""
    known = known_secrets(environment)
    if not known or is_loopback(publish_address):
        return ""
    return (
        f"PUBLISH_ADDRESS is {publish_address!r}, which others can reach, but "
        f"{', '.join(known)} {'is' if len(known) == 1 else 'are'} empty or still the default that "
        "everybody knows: make a .env with deploy/compose/new-env.sh, then start again."
    )
