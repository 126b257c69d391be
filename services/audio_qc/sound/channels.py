"""How the channels of a recording become one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SILENT_RATIO = 1e-3
"""A channel 30 dB below the loudest one carries nothing."""
CANCELLED_RATIO = 0.5
"""Averaging that leaves less than half of what unrelated channels would leave cancels speech."""

Samples = NDArray[np.float32]


class ChannelStatistics:
    """Takes a recording block by block and keeps its sums: what a downmix is chosen from."""

    def __init__(self, channel_count: int) -> None:
        """Starts a recording of `channel_count` channels."""
        self.sample_count = 0
        self._sums = np.zeros(channel_count)
        self._products = np.zeros((channel_count, channel_count))
        self.peaks: NDArray[np.float64] = np.zeros(channel_count)
        """The largest magnitude of each channel."""

    def push(self, block: Samples) -> None:
        """Takes the next samples, of shape (samples, channels)."""
        wide = block.astype(np.float64)
        self.sample_count += len(wide)
        self._sums += wide.sum(axis=0)
        self._products += wide.T @ wide
        self.peaks = np.maximum(self.peaks, np.abs(wide).max(axis=0, initial=0.0))

    def means(self) -> NDArray[np.float64]:
        """Returns the DC offset of each channel, as a share of full scale."""
        return self._sums / max(1, self.sample_count)

    def covariance(self) -> NDArray[np.float64]:
        """Returns the covariance of the channels."""
        means = self.means()
        return self._products / max(1, self.sample_count) - np.outer(means, means)


@dataclass(frozen=True, slots=True)
class Downmix:
    """One channel made of several: the weighted sum of the channels without their offsets."""

    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]

    def __call__(self, block: Samples) -> Samples:
        """Returns the mono signal of a block of shape (samples, channels)."""
        mono = (block.astype(np.float64) - self.offsets) @ self.weights
        return np.asarray(mono, np.float32)


def choose_downmix(statistics: ChannelStatistics) -> Downmix:
    """Returns the average of the channels that carry sound, or one channel where that is better.

    Silent channels are left out, so that speech in one of two channels keeps its level. Channels
    that cancel each other (out of phase) are not averaged: the loudest one is taken.
    """
    covariance = statistics.covariance()
    power = np.diag(covariance)
    loudest = int(np.argmax(power))
    carrying = power > SILENT_RATIO * power[loudest]
    weights = carrying / max(1, carrying.sum())
    left = float(weights @ covariance @ weights)
    unrelated = float(np.square(weights) @ power)
    if carrying.sum() != 1 and left <= CANCELLED_RATIO * unrelated:
        weights = np.eye(len(power))[loudest]
    return Downmix(weights, statistics.means())
