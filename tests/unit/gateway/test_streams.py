"""Standard output that knows few characters."""

import io
import sys

import pytest

from gateway.cli import streams


def test_what_an_encoding_lacks_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    streams.mended()
    sys.stdout.write("✓ grün")
    sys.stdout.flush()
    assert written.getvalue() == b"\\u2713 gr\\xfcn"
