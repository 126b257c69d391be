"""The true peak: how high the waveform rises between the samples."""

import math

import numpy as np
from numpy.typing import NDArray

OVERSAMPLING = 4
ITU_PHASES = (
    (
        *(0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000),
        *(-0.0594482421875, 0.1373291015625, 0.9721679687500, -0.1022949218750),
        *(0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500),
    ),
    (
        *(-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250),
        *(-0.1665039062500, 0.4650878906250, 0.7797851562500, -0.2003173828125),
        *(0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375),
    ),
)
"""The first two phases of the interpolation filter of ITU-R BS.1770-4, annex 2, table 4; the other
two are these backwards."""

Samples = NDArray[np.float32]


class TruePeakMeter:
    """Takes a recording block by block and keeps its highest true peak (BS.1770-4, annex 2)."""

    def __init__(self, channel_count: int = 1) -> None:
        """Starts a recording of `channel_count` channels."""
        first, second = (np.array(phase) for phase in ITU_PHASES)
        phases = np.stack([first, second, second[::-1], first[::-1]])
        self._filter = phases.T.reshape(-1)
        self._history = np.zeros((phases.shape[1] - 1, channel_count))
        self._peak = 0.0

    def push(self, block: Samples) -> None:
        """Takes the next samples, of shape (samples, channels)."""
        from scipy.signal import upfirdn

        held = np.concatenate([self._history, block])
        lead = len(self._history)
        oversampled = upfirdn(self._filter, held, up=OVERSAMPLING, axis=0)
        whole = oversampled[OVERSAMPLING * lead : OVERSAMPLING * len(held)]
        sample_peak = float(np.abs(block).max(initial=0.0))
        self._peak = max(self._peak, sample_peak, float(np.abs(whole).max(initial=0.0)))
        self._history = held[len(held) - lead :]

    @property
    def dbtp(self) -> float:
        """The true peak in dB relative to full scale; -inf for digital silence."""
        return 20 * math.log10(self._peak) if self._peak > 0 else -math.inf
