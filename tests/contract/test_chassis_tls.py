"""Servers and clients know each other by certificates."""

from pathlib import Path

import grpc
import pytest

from services.chassis.channel import error_of, open_channel
from services.chassis.errors import InvalidInputError, UnavailableError
from tests.certificates import Authority, Certificate
from tests.fakes.echo import KINDS, EchoService, call, texts_of
from tests.fakes.serving import listening


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "house")


@pytest.fixture
def server_certificate(authority: Authority) -> Certificate:
    return authority.certificate("server")


def tls_settings(certificate: Certificate, client_ca_file: Path | None = None) -> dict[str, object]:
    return {
        "tls_certificate_file": certificate.certificate_file,
        "tls_key_file": certificate.key_file,
        "tls_client_ca_file": client_ca_file,
    }


async def refused(channel: grpc.aio.Channel) -> None:
    async with channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await texts_of(call(channel, "UnaryUnary", timeout=5))
    assert isinstance(error_of(caught.value), UnavailableError)


async def test_a_client_that_knows_the_authority_is_served_and_others_are_not(
    tmp_path: Path, authority: Authority, server_certificate: Certificate
) -> None:
    stranger = Authority(tmp_path, "stranger")
    async with listening(
        EchoService().register, settings=tls_settings(server_certificate)
    ) as server:
        async with open_channel(server.address, tls_ca_file=authority.ca_file) as channel:
            for kind in KINDS:
                assert await texts_of(call(channel, kind, "hello")) == ["hello"]
        await refused(open_channel(server.address, tls_ca_file=stranger.ca_file))
        await refused(open_channel(server.address))


async def test_with_mutual_tls_a_client_needs_a_certificate_of_the_right_authority(
    tmp_path: Path, authority: Authority, server_certificate: Certificate
) -> None:
    known = authority.certificate("client")
    unknown = Authority(tmp_path, "stranger").certificate("client")
    settings = tls_settings(server_certificate, authority.ca_file)
    async with listening(EchoService().register, settings=settings) as server:
        async with open_channel(
            server.address,
            tls_ca_file=authority.ca_file,
            certificate_file=known.certificate_file,
            key_file=known.key_file,
        ) as channel:
            assert await texts_of(call(channel, "StreamStream", "hello")) == ["hello"]
        await refused(open_channel(server.address, tls_ca_file=authority.ca_file))
        await refused(
            open_channel(
                server.address,
                tls_ca_file=authority.ca_file,
                certificate_file=unknown.certificate_file,
                key_file=unknown.key_file,
            )
        )


async def test_files_that_cannot_be_used_are_named_at_start(
    tmp_path: Path, authority: Authority, server_certificate: Certificate
) -> None:
    other = authority.certificate("other")
    mixed = Certificate(server_certificate.certificate_file, other.key_file)
    missing = Certificate(tmp_path / "missing.pem", server_certificate.key_file)
    garbage = Certificate(tmp_path / "garbage.pem", server_certificate.key_file)
    garbage.certificate_file.write_text("no certificate")
    for certificate in (mixed, missing, garbage):
        with pytest.raises(InvalidInputError, match=certificate.certificate_file.name):
            async with listening(EchoService().register, settings=tls_settings(certificate)):
                pass


def test_half_of_a_client_certificate_is_refused(
    authority: Authority, server_certificate: Certificate
) -> None:
    with pytest.raises(InvalidInputError, match="needs its key"):
        open_channel(
            "127.0.0.1:1",
            tls_ca_file=authority.ca_file,
            certificate_file=server_certificate.certificate_file,
        )
