"""Whisper's mel filters, applied so that the sums do not depend on the machine."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


class MelFilters:
    """A matrix of filters, mels x frequencies, for `filters @ powers`.

    A product by BLAS is summed in an order that depends on its build, the processor and the number
    of threads. What differs in the last bit there differs in words once it has gone through an
    8-bit model. Here the few frequencies that a filter has are added one after the other.
    """

    def __init__(self, weights: Matrix) -> None:
        """Takes the matrix apart into what is not zero."""
        self._count = len(weights)
        self._terms = [
            (int(mel), int(frequency), weights[mel, frequency])
            for mel, frequency in zip(*np.nonzero(weights), strict=True)
        ]

    def __matmul__(self, powers: Matrix) -> Matrix:
        """Returns the mels (mels x frames) of a spectrum of powers (frequencies x frames)."""
        mels = np.zeros((self._count, powers.shape[1]), np.float32)
        for mel, frequency, weight in self._terms:
            mels[mel] += weight * powers[frequency]
        return mels
