"""Speech-rate fences: clips far faster or slower than the rest have a wrong text or a wrong cut."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_CLIP_COUNT = 20
"""Quartiles of fewer clips say too little."""


@dataclass(frozen=True, slots=True)
class Fences:
    """The range of speech rates that belongs to one run, in characters per second."""

    low: float
    high: float

    def hold(self, rate: float) -> bool:
        """True when `rate` lies inside."""
        return self.low <= rate <= self.high


def tukey_fences(rates: Sequence[float], width: float) -> Fences | None:
    """Returns [Q1 - width * IQR, Q3 + width * IQR], or None for too few clips.

    `rates` are characters per second of one run, `width` is Tukey's k (1.5 in his book, where
    it rejects 0.7 % of normally distributed values). Source: J. Tukey, Exploratory Data Analysis,
    1977; used the same way on TTS data by Emilia-Pipe (He et al., 2024).
    """
    if len(rates) < MIN_CLIP_COUNT:
        return None
    first, third = np.percentile(np.asarray(rates, dtype=np.float64), [25, 75])
    reach = width * (third - first)
    return Fences(max(0.0, float(first - reach)), float(third + reach))
