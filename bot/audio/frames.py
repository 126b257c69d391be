"""Speech as frames of the shape that Discord's voice takes."""

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

SAMPLE_RATE_HERTZ: Final = 48_000
FRAME_SECONDS: Final = 0.02
FRAME_SAMPLES: Final = 960
FRAME_BYTES: Final = 2 * FRAME_SAMPLES
"""One channel: Opus says in each packet how many it has, and a voice needs no more."""

Samples = npt.NDArray[np.int16]


class Framer:
    """Turns one speech into frames of 20 ms: 960 samples, 16-bit little-endian, one channel.

    soxr's quality LQ, as a variable rate: that holds back 10 ms of speech at 24 kHz, always. As a
    fixed rate it works in blocks and holds back from 1 to 20 ms, at HQ up to 38.
    """

    def __init__(self, sample_rate_hertz: int) -> None:
        """Takes speech of `sample_rate_hertz`."""
        self._resampler = (
            soxr.ResampleStream(
                sample_rate_hertz, SAMPLE_RATE_HERTZ, 1, dtype="int16", quality="LQ", vr=True
            )
            if sample_rate_hertz != SAMPLE_RATE_HERTZ
            else None
        )
        self._rest: Samples = np.empty(0, np.int16)

    def feed(self, samples: bytes) -> list[bytes]:
        """Returns the frames that `samples`, 16-bit little-endian mono, complete."""
        return self._cut(self._resampled(np.frombuffer(samples, "<i2"), is_last=False))

    def finish(self) -> list[bytes]:
        """Returns what is left, filled up with silence."""
        frames = self._cut(self._resampled(np.empty(0, np.int16), is_last=True))
        if self._rest.size:
            frames.append(np.pad(self._rest, (0, FRAME_SAMPLES - self._rest.size)).tobytes())
        self._rest = np.empty(0, np.int16)
        return frames

    def _resampled(self, samples: Samples, *, is_last: bool) -> Samples:
        if self._resampler is None:
            return samples
        resampled: Samples = self._resampler.resample_chunk(samples, last=is_last)
        return resampled

    def _cut(self, samples: Samples) -> list[bytes]:
        joined = np.concatenate([self._rest, samples]) if self._rest.size else samples
        whole = joined.size - joined.size % FRAME_SAMPLES
        self._rest = joined[whole:].copy()
        data = joined[:whole].astype("<i2", copy=False).tobytes()
        return [data[start : start + FRAME_BYTES] for start in range(0, len(data), FRAME_BYTES)]
