"""The server's credentials, and the client's."""

import ssl
from pathlib import Path

import grpc

from services.chassis.errors import InvalidInputError
from services.chassis.settings import ServiceSettings


def server_credentials(settings: ServiceSettings) -> grpc.ServerCredentials | None:
    """Returns what TLS needs, or None where it is off; clients need certificates for mutual TLS.

    Raises InvalidInputError naming the file that cannot be used.
    """
    if not settings.tls_certificate_file or not settings.tls_key_file:
        return None
    _check_pair(settings.tls_certificate_file, settings.tls_key_file)
    authority = settings.tls_client_ca_file
    return grpc.ssl_server_credentials(
        [(_pem(settings.tls_key_file), _pem(settings.tls_certificate_file))],
        root_certificates=_pem(authority) if authority else None,
        require_client_auth=authority is not None,
    )


def channel_credentials(
    ca_file: Path, certificate_file: Path | None = None, key_file: Path | None = None
) -> grpc.ChannelCredentials:
    """Returns what a client needs to know a server by, and to be known by.

    Raises InvalidInputError naming the file that cannot be used.
    """
    if certificate_file and key_file:
        _check_pair(certificate_file, key_file)
    return grpc.ssl_channel_credentials(
        root_certificates=_pem(ca_file),
        private_key=_pem(key_file) if key_file else None,
        certificate_chain=_pem(certificate_file) if certificate_file else None,
    )


def _check_pair(certificate_file: Path, key_file: Path) -> None:
    """Finds out at start: gRPC takes anything, and then fails every handshake in silence."""
    for file in (certificate_file, key_file):
        _pem(file)
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificate_file, key_file, password=""
        )
    except (ssl.SSLError, ValueError) as error:
        message = (
            f"{certificate_file} and {key_file} are not a PEM certificate and its unencrypted key."
        )
        raise InvalidInputError(message, reason="BAD_CERTIFICATE") from error


def _pem(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"Cannot read {file}: {error.strerror}."
        raise InvalidInputError(message, reason="BAD_CERTIFICATE") from error
