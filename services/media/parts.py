"""How the bytes of an import are laid out: parts named after the range of the file they hold.

A part is named by where it starts and ends, so two uploads of one file never overwrite each other,
whatever the sizes of their parts; ranges may overlap.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

IMPORT_KEYS = "uploads/"
MAX_PART_BYTES = 8 << 20
DIGIT_COUNT = 20


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The bytes of a file from `start` up to, not including, `end`."""

    start: int
    end: int

    def key(self, sha256: str) -> str:
        """Returns where this part of the file with this hash lies in the store."""
        return f"{folder_of(sha256)}{self.start:0{DIGIT_COUNT}}-{self.end:0{DIGIT_COUNT}}"


@dataclass(frozen=True, slots=True)
class Piece:
    """What is read of one part: everything behind its first `skipped_bytes`."""

    part: Part
    skipped_bytes: int


def folder_of(sha256: str) -> str:
    """Returns the prefix of the keys of a file's parts."""
    return f"{IMPORT_KEYS}{sha256}/"


def part_at(key: str) -> Part | None:
    """Returns the part that lies at `key`, or None for a foreign object."""
    start, dash, end = key.rsplit("/", 1)[-1].partition("-")
    if not (dash and start.isascii() and start.isdigit() and end.isascii() and end.isdigit()):
        return None
    part = Part(int(start), int(end))
    return part if part.start < part.end else None


def sha256_at(key: str) -> str:
    """Returns the hash of the file whose part lies at `key`."""
    return key.removeprefix(IMPORT_KEYS).split("/", 1)[0]


def pieces_of(parts: Iterable[Part]) -> Iterator[Piece]:
    """Yields what to read, in order, to get the file from its first byte up to the first gap."""
    end = 0
    for part in sorted(parts):
        if part.start > end:
            return
        if part.end > end:
            yield Piece(part, end - part.start)
            end = part.end


def received_bytes(parts: Iterable[Part]) -> int:
    """Returns how many bytes, from the start of the file, the parts hold without a gap."""
    return max((piece.part.end for piece in pieces_of(parts)), default=0)
