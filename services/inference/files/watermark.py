"""An inaudible mark in the audio itself, which outlives conversion and lost tags."""

from typing import Any, Literal, Protocol

import numpy as np

from services.chassis.errors import UnavailableError
from services.inference.engines.engine import Samples

WatermarkName = Literal["off", "perth"]
SHORTEST_SECONDS = 1.0
"""Shorter audio is marked as if silence followed: the network needs some frames."""


class Watermark(Protocol):
    """Marks audio."""

    def mark(self, samples: Samples, sample_rate_hertz: int) -> Samples:
        """Returns as many samples, marked; blocks while it computes."""


class PerthWatermark:
    """Resemble AI's Perth (MIT licence), whose weights come with its package."""

    def __init__(self) -> None:
        """Loads the weights. Raises UnavailableError when the package cannot be used."""
        self._perth = _watermarker()

    def mark(self, samples: Samples, sample_rate_hertz: int) -> Samples:
        """See Watermark."""
        count = samples.size
        missing = max(0, round(SHORTEST_SECONDS * sample_rate_hertz) - count)
        marked = self._perth.apply_watermark(
            np.pad(samples, (0, missing)), sample_rate=sample_rate_hertz
        )
        fitted = np.zeros(count, dtype=np.float32)
        fitted[: min(count, marked.size)] = marked[:count]
        return fitted

    def share(self, samples: Samples, sample_rate_hertz: int) -> float:
        """Returns how sure it is that audio is marked, from 0 to 1."""
        bits = self._perth.get_watermark(samples, sample_rate=sample_rate_hertz, round=False)
        return float(np.mean(bits))


def load_watermark(name: WatermarkName) -> Watermark | None:
    """Returns the watermark of that name; None for "off".

    Raises UnavailableError with one line that says what to install.
    """
    return PerthWatermark() if name == "perth" else None


def _watermarker() -> Any:  # noqa: ANN401 - the package has no types
    try:
        from perth import PerthImplicitWatermarker  # type: ignore[import-not-found]
    except ImportError:
        PerthImplicitWatermarker = None  # noqa: N806 - as its package does without pkg_resources
    if PerthImplicitWatermarker is None:
        message = (
            "TTSTRAINER_INFERENCE_WATERMARK is perth, which is not installed: "
            'pip install "resemble-perth==1.0.1" "setuptools<81", or set it to off.'
        )
        raise UnavailableError(message, reason="WATERMARK_MISSING")
    return PerthImplicitWatermarker()
