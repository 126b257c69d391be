"""Channels to services: one way to open them, with the limits and the security of the servers."""

from pathlib import Path

import grpc

from services.chassis.errors import InvalidInputError
from services.chassis.rpc.bearer import bearer_interceptors
from services.chassis.rpc.grpc_options import MAX_MESSAGE_BYTES, channel_options
from services.chassis.rpc.rich_status import error_of
from services.chassis.rpc.tls import channel_credentials

__all__ = ["error_of", "open_channel"]


def open_channel(
    address: str,
    *,
    tls_ca_file: Path | None = None,
    certificate_file: Path | None = None,
    key_file: Path | None = None,
    bearer_token: str | None = None,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    reads_in_pace: bool = False,
) -> grpc.aio.Channel:
    """Returns a channel to `address`, host:port; nothing is connected before the first call.

    With `tls_ca_file` the server must show a certificate of that authority; with a certificate
    and its key we show our own. The token goes with every call, in the clear without TLS. Where
    streams are listened to, rather than fetched, `reads_in_pace` keeps servers from sending more
    than 64 KiB ahead of what was read; over a long line it makes downloads slow.
    Raises InvalidInputError for files that cannot be used.
    """
    if bool(certificate_file) != bool(key_file) or (certificate_file and not tls_ca_file):
        message = "A client certificate needs its key, and the authority of the server."
        raise InvalidInputError(message, reason="BAD_CERTIFICATE")
    options = channel_options(max_message_bytes, reads_in_pace=reads_in_pace)
    interceptors = bearer_interceptors(bearer_token) if bearer_token else []
    if tls_ca_file is None:
        return grpc.aio.insecure_channel(address, options, interceptors=interceptors)
    credentials = channel_credentials(tls_ca_file, certificate_file, key_file)
    return grpc.aio.secure_channel(address, credentials, options, interceptors=interceptors)
