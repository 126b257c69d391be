"""How a client proves who it is, and whom it trusts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from pydantic import SecretStr

from services.chassis.channel import open_channel


@dataclass(frozen=True, slots=True)
class Security:
    """What goes with each connection; nothing by default."""

    tls_ca_file: Path | None = None
    """The authority that has signed the servers' certificates; turns TLS on."""
    tls_certificate_file: Path | None = None
    """Our own certificate, for servers that want one."""
    tls_key_file: Path | None = None
    """The key of our own certificate."""
    bearer_token: SecretStr = field(default_factory=lambda: SecretStr(""))
    """What every call brings."""

    def open(self, address: str, *, reads_in_pace: bool = False) -> grpc.aio.Channel:
        """Returns a channel to `address`, host:port; it connects at the first call."""
        return open_channel(
            address,
            tls_ca_file=self.tls_ca_file,
            certificate_file=self.tls_certificate_file,
            key_file=self.tls_key_file,
            bearer_token=self.bearer_token.get_secret_value(),
            reads_in_pace=reads_in_pace,
        )


def security_from(environment: Mapping[str, str]) -> Security:
    """Reads TTSTRAINER_TLS_CA_FILE, _TLS_CERTIFICATE_FILE, _TLS_KEY_FILE and _BEARER_TOKEN."""

    def path(name: str) -> Path | None:
        value = environment.get(f"TTSTRAINER_{name}")
        return Path(value) if value else None

    return Security(
        tls_ca_file=path("TLS_CA_FILE"),
        tls_certificate_file=path("TLS_CERTIFICATE_FILE"),
        tls_key_file=path("TLS_KEY_FILE"),
        bearer_token=SecretStr(environment.get("TTSTRAINER_BEARER_TOKEN", "")),
    )
