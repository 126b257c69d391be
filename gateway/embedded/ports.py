"""Ports for a stack that nobody needs to find by a fixed address."""

import contextlib
import random
import socket
from collections.abc import Iterator

# Below the range that the system hands to outgoing connections (from 32,768 on Linux), so that a
# service that is started again finds its port still free.
LOWEST_PORT = 20_000
HIGHEST_PORT = 29_999
MAX_ATTEMPTS = 2_000


class NoFreePortError(Exception):
    """No free port was found."""


def free_ports(host: str, count: int, *, rng: random.Random) -> list[int]:
    """Returns `count` different ports of `host` that nothing listens on right now."""
    with contextlib.ExitStack() as held:
        return [_bound_port(host, held, rng) for _ in range(count)]


def taken_ports(host: str, ports: list[int]) -> list[int]:
    """Returns those of `ports` that something listens on already."""
    return [port for port in ports if not _is_free(host, port)]


def _bound_port(host: str, held: contextlib.ExitStack, rng: random.Random) -> int:
    for port in _candidates(rng):
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            server.bind((host, port))
        except OSError:
            server.close()
        else:
            held.enter_context(server)
            return port
    message = f"No free port was found on {host} between {LOWEST_PORT} and {HIGHEST_PORT}."
    raise NoFreePortError(message)


def _candidates(rng: random.Random) -> Iterator[int]:
    return (rng.randint(LOWEST_PORT, HIGHEST_PORT) for _ in range(MAX_ATTEMPTS))


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
        except OSError:
            return False
        return True
