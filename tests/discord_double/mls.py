"""The bytes of MLS that Discord's voice server writes itself: as external sender of proposals.

https://www.rfc-editor.org/rfc/rfc9420.html, and https://daveprotocol.com for what Discord uses.
"""

import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_MLS10, _PUBLIC_MESSAGE = 1, 1
_EXTERNAL_SENDER, _CONTENT_PROPOSAL = 2, 2
_ADD, _REMOVE = 1, 3
_BASIC_CREDENTIAL = 1
_LEAF_OF_KEY_PACKAGE, _LEAF_OF_COMMIT = 1, 3


class ExternalSender:
    """The voice server in the eyes of an MLS group."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def package(self) -> bytes:
        """Its public key and credential (RFC 9420, 12.1.8.1), which op 25 carries."""
        public = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return vector(public) + struct.pack(">H", _BASIC_CREDENTIAL) + vector(b"voice server")

    def add(self, group_id: int, epoch: int, key_package: bytes) -> bytes:
        """Proposes to take a member in."""
        return self._proposal(group_id, epoch, struct.pack(">H", _ADD) + key_package)

    def remove(self, group_id: int, epoch: int, leaf: int) -> bytes:
        """Proposes to send the member at `leaf` away."""
        return self._proposal(group_id, epoch, struct.pack(">HI", _REMOVE, leaf))

    def _proposal(self, group_id: int, epoch: int, proposal: bytes) -> bytes:
        content = b"".join(
            (
                vector(struct.pack(">Q", group_id)),
                struct.pack(">QBI", epoch, _EXTERNAL_SENDER, 0),
                vector(b""),
                bytes([_CONTENT_PROPOSAL]),
                proposal,
            )
        )
        head = struct.pack(">HH", _MLS10, _PUBLIC_MESSAGE)
        # An external sender signs without the group's context, and adds no membership tag (6.1).
        signed = vector(b"MLS 1.0 FramedContentTBS") + vector(head + content)
        return head + content + vector(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))


def vector(content: bytes) -> bytes:
    """Puts the variable-size length header (2.1.2) before `content`."""
    size = len(content)
    if size < 1 << 6:
        return bytes([size]) + content
    if size < 1 << 14:
        return struct.pack(">H", size | 0x4000) + content
    return struct.pack(">I", size | 0x80000000) + content


def split_commit(message: bytes) -> tuple[bytes, bytes]:
    """Cuts what op 28 carries into the commit and the welcome, which may be empty."""
    reader = _Reader(message)
    reader.skip(4)  # version, wire format
    reader.skip_vector()  # group_id
    reader.skip(8 + 1 + 4)  # epoch, sender: a member, its leaf
    reader.skip_vector()  # authenticated_data
    reader.skip(1)  # content type: commit
    reader.skip_vector()  # proposals
    if reader.byte():  # an update path
        _skip_leaf_node(reader)
        reader.skip_vector()  # nodes
    for _ in range(3):  # signature, confirmation tag, membership tag
        reader.skip_vector()
    return message[: reader.position], message[reader.position :]


def _skip_leaf_node(reader: "_Reader") -> None:
    reader.skip_vector()  # encryption key
    reader.skip_vector()  # signature key
    reader.skip(2)  # credential type
    reader.skip_vector()  # identity
    for _ in range(5):  # capabilities
        reader.skip_vector()
    source = reader.byte()
    if source == _LEAF_OF_KEY_PACKAGE:
        reader.skip(16)  # lifetime
    elif source == _LEAF_OF_COMMIT:
        reader.skip_vector()  # parent hash
    reader.skip_vector()  # extensions
    reader.skip_vector()  # signature


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def skip(self, count: int) -> None:
        self.position += count

    def byte(self) -> int:
        self.position += 1
        return self._data[self.position - 1]

    def skip_vector(self) -> None:
        width = 1 << (self._data[self.position] >> 6)
        head = int.from_bytes(self._data[self.position : self.position + width], "big")
        self.skip(width + (head & ((1 << (8 * width - 2)) - 1)))
