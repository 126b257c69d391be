"""Where the services of a host are."""

import pytest

from gateway.client.addresses import addresses_on
from services.chassis.errors import InvalidInputError


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "localhost:50051"),
        ("192.168.1.5", "192.168.1.5:50051"),
        ("::1", "[::1]:50051"),
        ("[fe80::1]", "[fe80::1]:50051"),
    ],
)
def test_services_are_at_their_usual_ports(host: str, address: str) -> None:
    assert addresses_on(host, {})["media"] == address


def test_one_of_them_may_be_elsewhere() -> None:
    found = addresses_on("voice.example", {"TTSTRAINER_AUDIO_QC_ADDRESS": "other.example:7"})
    assert found["audio-qc"] == "other.example:7"
    assert found["media"] == "voice.example:50051"


@pytest.mark.parametrize("host", ["localhost:50055", "http://localhost", "my host", ""])
def test_what_is_no_host_is_refused_with_what_to_write(host: str) -> None:
    with pytest.raises(InvalidInputError, match=r"is no host: .*TTSTRAINER_MEDIA_ADDRESS"):
        addresses_on(host, {})
