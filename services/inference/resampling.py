"""Changes the sample rate of audio that is still being made."""

import numpy as np

from services.inference.engines.engine import Samples

QUALITY = "HQ"
"""soxr's 20-bit filter: its error lies below what 16-bit samples can hold."""


class StreamResampler:
    """Resamples a stream piece by piece, with the same result however it was cut into pieces."""

    def __init__(self, from_hertz: int, to_hertz: int) -> None:
        """Starts a stream of mono audio; nothing is changed where both rates are the same."""
        import soxr

        self._stream = None
        if from_hertz != to_hertz:
            self._stream = soxr.ResampleStream(from_hertz, to_hertz, 1, "float32", QUALITY)

    def resample(self, samples: Samples, *, last: bool = False) -> Samples:
        """Returns the audio that is certain by now, of shape (samples,): later than `samples`.

        The filter looks ahead, so a piece may give less than its share, or nothing; `last` ends
        the stream and gives the rest.
        """
        if self._stream is None:
            return samples
        resampled: Samples = self._stream.resample_chunk(samples.astype(np.float32), last=last)
        return resampled
