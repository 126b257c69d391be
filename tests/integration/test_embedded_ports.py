"""The ports of embedded stacks: nobody else's, and not another stack's."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Iterator

import pytest

from gateway.embedded.errors import StackError
from gateway.embedded.ports import claimed_ports, listened_ports, taken_ports, until_free
from gateway.services import LOOPBACK
from tests.eventually import eventually

AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a connection that is closed is forgotten, not remembered for a minute."""


@contextlib.contextmanager
def listening() -> Iterator[int]:
    """Gives the port of a server."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def lent_port() -> Iterator[int]:
    """Gives a port that the system has lent to an outgoing connection."""
    with listening() as served, socket.create_connection((LOOPBACK, served)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        yield connection.getsockname()[1]


def chance() -> random.Random:
    """Returns the same numbers for everybody."""
    return random.Random(1)  # noqa: S311 - ports are no secret


def test_two_stacks_that_choose_at_the_same_time_get_ports_of_their_own() -> None:
    with (
        claimed_ports(LOOPBACK, 3, rng=chance()) as ours,
        claimed_ports(LOOPBACK, 3, rng=chance()) as theirs,
    ):
        assert len({*ours, *theirs}) == 6
        assert taken_ports(LOOPBACK, ours) == []  # a claim leaves the port to the stack's services
    with claimed_ports(LOOPBACK, 3, rng=chance()) as again:
        assert again == ours


def test_a_port_that_something_listens_on_is_not_claimed() -> None:
    with claimed_ports(LOOPBACK, 1, rng=chance()) as (first,):
        pass
    with (
        socket.create_server((LOOPBACK, first)),
        claimed_ports(LOOPBACK, 1, rng=chance()) as (another,),
    ):
        assert another != first


async def test_a_stack_waits_for_a_connection_that_one_of_its_ports_was_lent_to() -> None:
    notes: list[str] = []
    with lent_port() as port:
        assert listened_ports(LOOPBACK, [port]) == []
        waiting = asyncio.create_task(until_free(LOOPBACK, [port], notes.append))

        async def told() -> bool:
            return bool(notes)

        assert await eventually(told)
        assert not waiting.done()
    await waiting
    assert [str(port) in note for note in notes] == [True]


async def test_a_connection_that_stays_is_not_called_a_listener() -> None:
    with lent_port() as port, pytest.raises(StackError) as refused:
        await until_free(LOOPBACK, [port], lambda _: None, max_seconds=0)
    assert f"Nothing listens on {LOOPBACK} at port {port}" in str(refused.value)


async def test_a_listener_is_told_of_at_once() -> None:
    with listening() as served, lent_port() as lent, pytest.raises(StackError) as refused:
        await until_free(LOOPBACK, [lent, served], lambda _: None)
    assert f"listens on {LOOPBACK} at port {served}:" in str(refused.value)
