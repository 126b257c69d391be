"""Where the services are."""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv6Address

from gateway.services import ALL
from services.chassis.errors import InvalidInputError

Addresses = Mapping[str, str]
"""The gRPC address (host:port) of each service, by the service's name."""

HOST = re.compile(r"[^\s:/\[\]]+|\[[^\s/\[\]]+\]")
"""A name or an IPv4 address, or an IPv6 address in brackets."""


def addresses_on(host: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the addresses of services that run on `host` at their usual ports.

    TTSTRAINER_<SERVICE>_ADDRESS in the environment names another place for one service.

    Raises:
        InvalidInputError: `host` is neither a name nor an IP address.
    """
    name = f"[{host}]" if _is_ipv6(host) else host
    if not HOST.fullmatch(name):
        message = (
            f"{host!r} is no host: give a name or an IP address alone, such as localhost. The "
            "ports are the usual ones; variables such as TTSTRAINER_MEDIA_ADDRESS name others."
        )
        raise InvalidInputError(message, reason="NO_HOST")
    return {
        service.name: environment.get(f"TTSTRAINER_{service.environment_name}_ADDRESS")
        or f"{name}:{service.port}"
        for service in ALL
    }


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except AddressValueError:
        return False
    return True
