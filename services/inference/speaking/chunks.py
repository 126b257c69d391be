"""Cuts an engine's audio into the chunks that travel."""

from collections.abc import Iterator
from math import ceil

import numpy as np

from services.inference.engines.engine import Samples
from services.inference.speaking.parts import AudioChunk

FULL_SCALE = 32767


class Chunks:
    """Numbers the chunks of one stream, and ends it at its longest length."""

    def __init__(self, max_chunk_samples: int, max_samples: int) -> None:
        """Counts from zero."""
        self._max_chunk_samples = max_chunk_samples
        self._max_samples = max_samples
        self._sequence_number = 0
        self.sample_count = 0
        """How many samples were cut."""

    @property
    def is_full(self) -> bool:
        """Whether the longest length was reached."""
        return self.sample_count >= self._max_samples

    def cut(self, samples: Samples) -> Iterator[AudioChunk]:
        """Yields `samples` in chunks of about equal length, as far as there is room."""
        pcm = as_pcm(samples[: self._max_samples - self.sample_count])
        piece_count = ceil(len(pcm) / self._max_chunk_samples)
        for piece in np.array_split(pcm, piece_count) if piece_count else ():
            yield AudioChunk(self._sequence_number, self.sample_count, piece.tobytes())
            self._sequence_number += 1
            self.sample_count += len(piece)


def as_pcm(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Returns samples from -1 to 1 as 16-bit little-endian ones; louder ones are clipped."""
    scaled = np.rint(np.clip(samples, -1, 1) * FULL_SCALE)
    return scaled.astype("<i2")
