"""A WAV file that is written while its audio is made, and says that no person spoke it."""

import struct
from pathlib import Path
from types import TracebackType
from typing import Self

BYTES_PER_SAMPLE = 2
PCM = 1
UNKNOWN_BYTES = 0xFFFFFFFF
MAX_DATA_BYTES = UNKNOWN_BYTES - (1 << 16)


def wave_header(
    sample_rate_hertz: int, data_bytes: int | None = None, *, comment: str = ""
) -> bytes:
    """Returns what stands before 16-bit mono PCM in a WAV file.

    `data_bytes` is None for a stream whose length nobody knows yet. The comment goes into the
    ICMT field of a LIST INFO chunk (Multimedia Programming Interface and Data Specifications 1.0,
    IBM and Microsoft 1991, page 2-14).
    """
    chunks = struct.pack(
        "<4sIHHIIHH",
        *(b"fmt ", 16, PCM, 1, sample_rate_hertz),
        *(sample_rate_hertz * BYTES_PER_SAMPLE, BYTES_PER_SAMPLE, 8 * BYTES_PER_SAMPLE),
    )
    if comment:
        field = comment.encode() + b"\0"
        field += b"\0" * (len(field) % 2)
        chunks += struct.pack("<4sI4s4sI", b"LIST", 12 + len(field), b"INFO", b"ICMT", len(field))
        chunks += field
    size = UNKNOWN_BYTES if data_bytes is None else data_bytes
    whole = UNKNOWN_BYTES if data_bytes is None else 4 + len(chunks) + 8 + data_bytes
    return (
        struct.pack("<4sI4s", b"RIFF", whole, b"WAVE") + chunks + struct.pack("<4sI", b"data", size)
    )


class WaveFile:
    """16-bit mono PCM; the file appears when it is complete, and not at all otherwise."""

    def __init__(self, path: Path, sample_rate_hertz: int, comment: str) -> None:
        """Begins to write beside `path`.

        Raises:
            OSError: the folder is not there, or may not be written to.
        """
        self.path = path
        self._rate_hertz = sample_rate_hertz
        self._comment = comment
        self._data_bytes = 0
        self._partial = path.with_name(f".{path.name}.partial")
        self._file = self._partial.open("wb")
        self._file.write(wave_header(sample_rate_hertz, 0, comment=comment))

    def write(self, pcm: bytes) -> None:
        """Adds samples; what does not fit into a WAV file, after a day or so, raises OSError."""
        self._data_bytes += len(pcm)
        if self._data_bytes > MAX_DATA_BYTES:
            message = "A WAV file holds no more than 4 GiB: speak the text in parts."
            raise OSError(message)
        self._file.write(pcm)

    def __enter__(self) -> Self:
        """Completes the file at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Puts the complete file in its place, or removes what is there of it."""
        try:
            with self._file:
                self._file.seek(0)
                header = wave_header(self._rate_hertz, self._data_bytes, comment=self._comment)
                self._file.write(header)
            if error is None:
                self._partial.replace(self.path)
        finally:
            self._partial.unlink(missing_ok=True)
