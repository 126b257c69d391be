"""Listening quality without a reference: DNSMOS P.835 (onnxruntime adapter)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.speech.models import model_file

SAMPLE_RATE_HERTZ = 16_000
WINDOW_SAMPLES = 144_160
"""The model hears 9.01 s at once."""
DNSMOS_SHA256 = "269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd"

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Quality:
    """Mean opinion scores, 1 to 5."""

    overall: float
    signal: float
    background: float


class Dnsmos:
    """The loaded model of C. Reddy et al., "DNSMOS P.835", ICASSP 2022; safe to share."""

    def __init__(self, path: Path | None = None, *, thread_count: int = 1) -> None:
        """Loads the model; raises ModelMissingError when the package speechmos is absent."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            path or dnsmos_file(), options, providers=["CPUExecutionProvider"]
        )

    def rate(self, samples: Samples) -> Quality:
        """Rates mono sound at 16 kHz: its beginning and, when that is longer, its end.

        Sound shorter than the model's window is repeated, as the authors do.
        """
        peak = max(1.0, float(np.abs(samples).max(initial=0.0)))
        windows = [np.resize(samples, WINDOW_SAMPLES)]
        if len(samples) > WINDOW_SAMPLES + SAMPLE_RATE_HERTZ:
            windows.append(samples[-WINDOW_SAMPLES:])
        return mean_quality([self._rated(window / peak) for window in windows])

    def _rated(self, window: Samples) -> Quality:
        inputs = {"input_1": np.asarray(window, np.float32)[None]}
        signal, background, overall = self._session.run(None, inputs)[0][0].astype(float)
        # The authors' polynomials map the raw outputs to the scale of their listening tests.
        return Quality(
            overall=float(np.polyval([-0.06766283, 1.11546468, 0.04602535], overall)),
            signal=float(np.polyval([-0.08397278, 1.22083953, 0.0052439], signal)),
            background=float(np.polyval([-0.13166888, 1.60915514, -0.39604546], background)),
        )


def mean_quality(rated: Sequence[Quality]) -> Quality:
    """Returns the mean of several ratings."""
    return Quality(
        overall=sum(each.overall for each in rated) / len(rated),
        signal=sum(each.signal for each in rated) / len(rated),
        background=sum(each.background for each in rated) / len(rated),
    )


def dnsmos_file() -> Path:
    """Returns where the model lies; raises ModelMissingError."""
    return model_file("speechmos", "dnsmos_models/sig_bak_ovr.onnx", DNSMOS_SHA256)
