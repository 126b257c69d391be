"""Real certificates, made by openssl for one test."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """Two PEM files."""

    certificate_file: Path
    key_file: Path


class Authority:
    """Signs certificates for localhost and 127.0.0.1."""

    def __init__(self, folder: Path, name: str) -> None:
        """Makes the authority's own key and certificate in `folder`."""
        self._folder = folder
        self._name = name
        self.ca_file = folder / f"{name}.pem"
        self._key_file = folder / f"{name}.key"
        _openssl(
            *("req", "-x509", *NEW_KEY, "-subj", f"/CN={name}"),
            *("-keyout", str(self._key_file), "-out", str(self.ca_file)),
        )

    def certificate(self, subject: str) -> Certificate:
        """Returns a new certificate signed by this authority."""
        stem = self._folder / f"{self._name}-{subject}"
        made = Certificate(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        _openssl(
            *("req", "-x509", *NEW_KEY, "-subj", f"/CN={subject}"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-CA", str(self.ca_file), "-CAkey", str(self._key_file)),
            *("-keyout", str(made.key_file), "-out", str(made.certificate_file)),
        )
        return made


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "1")


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], check=False, capture_output=True, text=True)  # noqa: S607
    assert done.returncode == 0, done.stderr
