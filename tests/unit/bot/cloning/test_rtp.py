"""Opening what voice servers send."""

import struct

import nacl.secret
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cloning.rtp import opened

KEY = bytes(range(32))
SPEECH = b"speech of somebody"


def sealed(
    payload: bytes = SPEECH,
    *,
    kind: int = 0x78,
    extension: bytes = b"",
    sources: int = 0,
    padding: int = 0,
    key: bytes = KEY,
) -> bytes:
    first = 0x80 | sources | (0x10 if extension else 0) | (0x20 if padding else 0)
    header = struct.pack(">BBHII", first, kind, 7, 960, 42) + bytes(4 * sources)
    if extension:
        header += struct.pack(">HH", 0xBEDE, len(extension) // 4)
    inner = extension + payload + bytes(max(0, padding - 1)) + bytes([padding] * bool(padding))
    nonce = b"\0\0\0\x09"
    box = nacl.secret.Aead(key)
    return header + box.encrypt(inner, header, nonce + bytes(20)).ciphertext + nonce


@pytest.mark.parametrize(
    "data",
    [
        sealed(),
        sealed(extension=b"\x10\xff\0\0"),
        sealed(extension=bytes(8), sources=2),
        sealed(padding=4),
        sealed(kind=0x78 | 0x80),
    ],
    ids=["plain", "extension", "sources", "padding", "marker"],
)
def test_speech_is_opened_whatever_its_header_holds(data: bytes) -> None:
    packet = opened(data, KEY)
    assert packet is not None
    assert (packet.ssrc, packet.timestamp, packet.payload) == (42, 960, SPEECH)


@pytest.mark.parametrize(
    "data",
    [sealed(key=bytes(32)), sealed(kind=201), sealed()[:-1], sealed()[:12], b"", bytes(74)],
    ids=["another key", "a report", "cut", "header alone", "nothing", "IP discovery"],
)
def test_what_is_no_speech_of_this_call_is_nothing(data: bytes) -> None:
    assert opened(data, KEY) is None


@given(st.binary(max_size=200))
def test_nothing_that_arrives_breaks_it(data: bytes) -> None:
    assert opened(data, KEY) is None
