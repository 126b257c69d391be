"""What comes from Discord's voice servers: RTP, sealed with the key of the connection.

The header of `aead_xchacha20_poly1305_rtpsize` is in the clear up to and with the first four bytes
of an extension; the rest is sealed, with the header as what is authenticated besides, and with the
nonce of four bytes behind it.
https://discord.com/developers/docs/topics/voice-connections#transport-encryption-and-sending-voice
"""

import struct
from dataclasses import dataclass
from typing import Final

import nacl.exceptions
import nacl.secret

MODE: Final = "aead_xchacha20_poly1305_rtpsize"
OPUS: Final = 0x78
"""The payload type of speech."""
_FIXED: Final = struct.Struct(">BBHII")
_NONCE_BYTES: Final = 4
_WHOLE_NONCE_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Packet:
    """Somebody's sound, opened as far as the voice server sees into it."""

    ssrc: int
    """Who sends, as the voice server numbers them."""
    timestamp: int
    """In samples at 48 kHz, modulo 2**32."""
    payload: bytes


def opened(data: bytes, key: bytes) -> Packet | None:
    """Returns the speech in a datagram; None for what is none, or not of this connection."""
    if len(data) < _FIXED.size + _NONCE_BYTES:
        return None
    first, kind, _, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2 or kind & 0x7F != OPUS:  # noqa: PLR2004 - the version of RTP
        return None
    has_extension = bool(first & 0x10)
    header_bytes = _FIXED.size + 4 * (first & 0x0F) + (4 if has_extension else 0)
    header, sealed, nonce = data[:header_bytes], data[header_bytes:-4], data[-_NONCE_BYTES:]
    try:
        box = nacl.secret.Aead(key)
        payload = box.decrypt(sealed, header, nonce.ljust(_WHOLE_NONCE_BYTES, b"\0"))
    except (nacl.exceptions.CryptoError, ValueError):
        return None
    if has_extension:
        payload = payload[4 * int.from_bytes(header[-2:], "big") :]
    if first & 0x20 and payload:
        payload = payload[: -payload[-1]]
    return Packet(ssrc, timestamp, payload)
