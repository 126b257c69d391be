"""A tar file whose bytes depend on nothing but its content."""

import hashlib
import io
import tarfile
import wave
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

SAMPLE_BYTES = 2


class Archive:
    """Writes files into a tar, without times, owners or anything else of this machine."""

    def __init__(self, path: Path) -> None:
        """Creates the tar file at `path`."""
        self._tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in __exit__

    def __enter__(self) -> Self:
        """See AbstractContextManager."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the file."""
        self._tar.close()

    def add(self, name: str, content: bytes) -> None:
        """Adds a file."""
        info = tarfile.TarInfo(name)
        info.size = len(content)
        info.mode = 0o644
        self._tar.addfile(info, io.BytesIO(content))


def wav_bytes(samples: NDArray[np.int16], sample_rate_hertz: int) -> bytes:
    """Returns mono 16-bit `samples` as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(SAMPLE_BYTES)
        wav.setframerate(sample_rate_hertz)
        wav.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def read_clip(audio: soundfile.SoundFile, start_sample: int, end_sample: int) -> NDArray[np.int16]:
    """Returns samples [start, end) of mono 16-bit audio."""
    audio.seek(start_sample)
    samples: NDArray[np.int16] = audio.read(end_sample - start_sample, dtype="int16")
    return samples


def pcm_sha256(samples: NDArray[np.int16]) -> str:
    """Returns the SHA-256 of little-endian 16-bit samples."""
    return hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()
