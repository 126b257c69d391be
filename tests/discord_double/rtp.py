"""Voice packets: RTP whose payload is sealed with XChaCha20-Poly1305, the `rtpsize` way.

https://discord.com/developers/docs/topics/voice-connections#transport-encryption-modes
"""

import struct
from dataclasses import dataclass

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

MODE = "aead_xchacha20_poly1305_rtpsize"
KEY_BYTES = 32
SILENCE = b"\xf8\xff\xfe"
FRAME_SECONDS = 0.02
FRAME_SAMPLES = 960
SAMPLE_RATE_HERTZ = 48_000

_HEADER_BYTES = 12
_VERSION, _OPUS, _RECEIVER_REPORT = 2, 0x78, 201
_HAS_EXTENSION = 0x10
_NONCE_BYTES, _PADDING = 4, bytes(20)
_DISCOVERY_BYTES = 74
_ONE_BYTE_EXTENSION = 0xBEDE


@dataclass(frozen=True)
class Rtp:
    """A packet whose seal was good."""

    ssrc: int
    sequence: int
    timestamp: int
    nonce: int
    payload: bytes


def is_discovery(datagram: bytes) -> bool:
    """Says whether a client asks for its own address."""
    return len(datagram) == _DISCOVERY_BYTES and datagram[:2] == b"\0\1"


def discovery_ssrc(datagram: bytes) -> int:
    """Who asks."""
    return int(struct.unpack_from(">I", datagram, 4)[0])


def discovery_answer(ssrc: int, address: tuple[str, int]) -> bytes:
    """Tells a client where its packets come from."""
    host, port = address
    return struct.pack(">HHI64sH", 2, 70, ssrc, host.encode(), port)


def ssrc_of(datagram: bytes) -> int | None:
    """Returns who sends an RTP packet of voice; None if it is none."""
    if len(datagram) < _HEADER_BYTES + _NONCE_BYTES:
        return None
    if datagram[0] >> 6 != _VERSION or datagram[1] & 0x7F != _OPUS:
        return None
    return int(struct.unpack_from(">I", datagram, 8)[0])


def opened(datagram: bytes, key: bytes) -> Rtp | None:
    """Opens a packet; None if the seal is broken."""
    sequence, timestamp, ssrc = struct.unpack_from(">HII", datagram, 2)
    size = _HEADER_BYTES + 4 * (datagram[0] & 0x0F)
    words = 0
    if datagram[0] & _HAS_EXTENSION:  # its preamble is in clear, its body is not
        words = struct.unpack_from(">H", datagram, size + 2)[0]
        size += 4
    nonce = datagram[-_NONCE_BYTES:]
    try:
        payload = crypto_aead_xchacha20poly1305_ietf_decrypt(
            datagram[size:-_NONCE_BYTES], datagram[:size], nonce + _PADDING, key
        )
    except CryptoError:
        return None
    return Rtp(ssrc, sequence, timestamp, int.from_bytes(nonce, "big"), payload[4 * words :])


def sealed(packet: Rtp, key: bytes) -> bytes:
    """Seals a packet as the server sends it: with a header extension, as from real clients."""
    header = struct.pack(
        ">BBHII",
        _VERSION << 6 | _HAS_EXTENSION,
        _OPUS,
        packet.sequence & 0xFFFF,
        packet.timestamp & 0xFFFFFFFF,
        packet.ssrc,
    )
    header += struct.pack(">HH", _ONE_BYTE_EXTENSION, 1)
    nonce = struct.pack(">I", packet.nonce)
    body = b"\x10\xff\0\0" + packet.payload
    return (
        header
        + crypto_aead_xchacha20poly1305_ietf_encrypt(body, header, nonce + _PADDING, key)
        + nonce
    )


def sealed_report(ssrc: int, nonce: int, key: bytes) -> bytes:
    """Seals what the server says now and then to who sends: an RTCP receiver report, of nothing."""
    header = struct.pack(">BBHI", _VERSION << 6 | 1, _RECEIVER_REPORT, 7, ssrc)
    counted = struct.pack(">I", nonce)
    body = struct.pack(">I", ssrc) + bytes(20)
    return (
        header
        + crypto_aead_xchacha20poly1305_ietf_encrypt(body, header, counted + _PADDING, key)
        + counted
    )
