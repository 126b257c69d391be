"""Where a service listens, or why it cannot."""

import socket

import pytest

from services.chassis.errors import InvalidInputError, UnavailableError
from services.chassis.rpc.addresses import joined, refuse_if_taken


def test_ipv6_needs_brackets() -> None:
    assert joined("127.0.0.1", 50051) == "127.0.0.1:50051"
    assert joined("::1", 50051) == "[::1]:50051"


def test_a_taken_port_is_refused_with_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=f"127.0.0.1:{port}.*TTSTRAINER_MEDIA_PORT"):
            refuse_if_taken("127.0.0.1", port, "TTSTRAINER_MEDIA_PORT")

    refuse_if_taken("127.0.0.1", port, "TTSTRAINER_MEDIA_PORT")


def test_a_host_that_does_not_exist_is_refused_with_the_setting_to_change() -> None:
    with pytest.raises(InvalidInputError, match="TTSTRAINER_HOST"):
        refuse_if_taken("no host at all", 0, "TTSTRAINER_MEDIA_PORT")
