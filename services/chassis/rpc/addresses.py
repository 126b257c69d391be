"""Hosts and ports to listen on."""

import socket

from services.chassis.errors import InvalidInputError, UnavailableError


def joined(host: str, port: int) -> str:
    """Returns host:port, with the brackets that IPv6 needs."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def refuse_if_taken(host: str, port: int, variable: str) -> None:
    """Raises when nobody can listen there; `variable` is the setting to change.

    UnavailableError when another process has the port, InvalidInputError when the host is not an
    address of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror as error:
        message = f"{host!r} is not a host of this machine: set TTSTRAINER_HOST to one of its own."
        raise InvalidInputError(message, reason="BAD_HOST", field="host") from error
    except OSError as error:
        reason = error.strerror or "it is taken"
        message = (
            f"Cannot listen on {joined(host, port)} ({reason}): stop what listens there, or set "
            f"{variable} to another port."
        )
        raise UnavailableError(message, reason="PORT_TAKEN", field=variable) from error
