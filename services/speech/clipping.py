"""Clipping: where the waveform is cut off flat at its highest level."""

import numpy as np
from numpy.typing import NDArray

LEVEL_RATIO = 0.9995
"""Samples this close to the channel's peak count as being at the limit."""
MIN_RUN_COUNT = 3
"""Fewer samples in a row at the peak also occur in sound that is not clipped."""
MIN_PEAK = 0.05
"""Quieter channels are not looked at."""

Samples = NDArray[np.float32]


class ClippingMeter:
    """Counts clipped samples per frame, so that any part of a recording can be asked about.

    The limit is the peak of each channel rather than full scale: what was clipped and then turned
    down is still clipped. A run of at least three samples at the limit counts (as in the clipping
    detectors of common editors); an unclipped signal has next to none.
    """

    def __init__(
        self, peaks: NDArray[np.float64], sample_rate_hertz: int, frame_seconds: float
    ) -> None:
        """Takes the peak of each channel, known from an earlier pass."""
        self._limits = np.where(peaks >= MIN_PEAK, LEVEL_RATIO * peaks, np.inf)
        self._frame = frame_seconds * sample_rate_hertz
        self._seen = 0
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)

    def push(self, block: Samples) -> None:
        """Takes the next samples, of shape (samples, channels)."""
        clipped = np.zeros(len(block), bool)
        for channel, limit in enumerate(self._limits):
            clipped |= _in_runs(np.abs(block[:, channel]) >= limit)
        frames = ((self._seen + np.flatnonzero(clipped)) // self._frame).astype(np.int64)
        self._seen += len(block)
        self._counts = _sum_of(self._counts, np.bincount(frames))

    def frame_counts(self) -> NDArray[np.int64]:
        """Returns how many samples are clipped in each frame; frames past the last are clean."""
        return self._counts

    @property
    def ratio(self) -> float:
        """The share of clipped samples in the whole recording."""
        return float(self._counts.sum()) / max(1, self._seen)


def _in_runs(high: NDArray[np.bool_]) -> NDArray[np.bool_]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= MIN_RUN_COUNT
    marks = np.zeros(len(high) + 1, np.int64)
    np.add.at(marks, starts[long], 1)
    np.add.at(marks, ends[long], -1)
    return np.cumsum(marks[:-1]) > 0


def _sum_of(known: NDArray[np.int64], more: NDArray[np.int64]) -> NDArray[np.int64]:
    longest = np.zeros(max(len(known), len(more)), np.int64)
    longest[: len(known)] += known
    longest[: len(more)] += more
    return longest
