"""Ports: free ones for a stack that nobody needs to find, the usual ones for one that stands."""

import asyncio
import contextlib
import errno
import random
import socket
import time
from collections.abc import Callable, Iterator, Sequence

from gateway.embedded.errors import StackError

# Below the range that the system lends to outgoing connections (from 32,768 on Linux), so that a
# service that is started again finds its port still free.
LOWEST_PORT = 20_000
HIGHEST_PORT = 29_999
MAX_ATTEMPTS = 2_000
LENT_SECONDS = 65.0
"""A little more than Linux remembers a connection that is closed."""
POLL_SECONDS = 0.2
ANSWER_SECONDS = 1.0


class NoFreePortError(Exception):
    """No free port was found."""


@contextlib.contextmanager
def claimed_ports(host: str, count: int, *, rng: random.Random) -> Iterator[list[int]]:
    """Gives `count` ports of `host` that nobody has, and that no other stack is given meanwhile."""
    with contextlib.ExitStack() as claims:
        yield [_claimed_port(host, claims, rng) for _ in range(count)]


def taken_ports(host: str, ports: Sequence[int]) -> list[int]:
    """Returns those of `ports` that nobody can listen on now."""
    return [port for port in ports if not _is_free(host, port)]


def listened_ports(host: str, ports: Sequence[int]) -> list[int]:
    """Returns those of `ports` that something listens on already."""
    return [port for port in taken_ports(host, ports) if _is_listened(host, port)]


async def until_free(
    host: str,
    ports: Sequence[int],
    note: Callable[[str], None],
    *,
    max_seconds: float = LENT_SECONDS,
) -> None:
    """Waits for connections that the system lent one of `ports`, or has not forgotten yet.

    Raises:
        StackError: something else listens there, or a connection keeps the port.
    """
    deadline = time.monotonic() + max_seconds
    told = False
    while taken := await asyncio.to_thread(taken_ports, host, ports):
        if listened := await asyncio.to_thread(listened_ports, host, taken):
            raise StackError(
                f"Something else listens on {host} at port {_listed(listened)}: stop it, or talk "
                "to it with --server localhost if it is a tts-trainer."
            )
        if time.monotonic() > deadline:
            raise StackError(
                f"Nothing listens on {host} at port {_listed(taken)}, but another program's "
                f"connection goes out from there: `ss -tanp sport = :{taken[0]}` shows which. "
                "End it, or try again later."
            )
        if not told:
            note(f"Waiting for a connection that goes out from port {_listed(taken)} to end")
            told = True
        await asyncio.sleep(POLL_SECONDS)


def _claimed_port(host: str, claims: contextlib.ExitStack, rng: random.Random) -> int:
    """Returns a free port; a datagram socket of that number, which nothing uses, is the claim."""
    for _ in range(MAX_ATTEMPTS):
        port = rng.randint(LOWEST_PORT, HIGHEST_PORT)
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            claim.bind((host, port))
            if _is_free(host, port):
                claims.enter_context(claim)
                return port
        claim.close()
    message = f"No free port was found on {host} between {LOWEST_PORT} and {HIGHEST_PORT}."
    raise NoFreePortError(message)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
        except OSError:
            return False
        return True


def _is_listened(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(ANSWER_SECONDS)
        return client.connect_ex((host, port)) != errno.ECONNREFUSED


def _listed(ports: Sequence[int]) -> str:
    return ", ".join(map(str, ports))
