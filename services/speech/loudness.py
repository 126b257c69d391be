"""Loudness, measured in a stream: ITU-R BS.1770-4, with 400 ms blocks that overlap by 75 %."""

import math

import numpy as np
from numpy.typing import NDArray

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
STEP_SECONDS = 0.1
STEPS_PER_BLOCK = 4
SURROUND_GAINS = (1.0, 1.0, 1.0, 1.41, 1.41)
"""For left, right, centre and the surrounds (table 3)."""

Samples = NDArray[np.float32]


class LoudnessMeter:
    """Takes a recording block by block; keeps one energy per 100 ms."""

    def __init__(self, sample_rate_hertz: int, channel_count: int = 1) -> None:
        """Starts a recording of `channel_count` channels."""
        self._step = round(STEP_SECONDS * sample_rate_hertz)
        gains = [*SURROUND_GAINS, *[1.0] * channel_count][:channel_count]
        self._gains = np.array(gains, np.float64)
        self._filters = [_shelf(sample_rate_hertz), _high_pass(sample_rate_hertz)]
        self._states = [np.zeros((2, channel_count)) for _ in self._filters]
        self._held = np.zeros((0, channel_count))
        self._energies: list[NDArray[np.float64]] = []

    def push(self, block: Samples) -> None:
        """Takes the next samples, of shape (samples, channels)."""
        from scipy.signal import lfilter

        weighted: NDArray[np.float64] = block.astype(np.float64)
        for index, (numerator, denominator) in enumerate(self._filters):
            weighted, self._states[index] = lfilter(
                numerator, denominator, weighted, axis=0, zi=self._states[index]
            )
        held = np.concatenate([self._held, weighted])
        count = len(held) // self._step
        steps = held[: count * self._step].reshape(count, self._step, held.shape[1])
        self._held = held[count * self._step :]
        self._energies.append(np.mean(np.square(steps), axis=1) @ self._gains)

    def block_energies(self) -> NDArray[np.float64]:
        """Returns the weighted mean square of each 400 ms block; block i begins at i * 100 ms."""
        steps = np.concatenate([np.zeros(0), *self._energies])
        if len(steps) < STEPS_PER_BLOCK:
            return np.zeros(0)
        return np.convolve(steps, np.full(STEPS_PER_BLOCK, 1 / STEPS_PER_BLOCK), "valid")


def integrated_lufs(block_energies: NDArray[np.float64]) -> float:
    """Returns the gated loudness in LUFS (equations 3 to 7); -inf when nothing passes the gate."""
    loud = block_energies[block_energies > _energy(ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0:
        return -math.inf
    gate = _energy(_lufs(float(np.mean(loud))) + RELATIVE_GATE_LU)
    return _lufs(float(np.mean(loud[loud > gate])))


def _lufs(energy: float) -> float:
    return -0.691 + 10 * math.log10(energy)


def _energy(lufs: float) -> float:
    return 10 ** ((lufs + 0.691) / 10)


def _shelf(sample_rate_hertz: int) -> tuple[list[float], list[float]]:
    """Returns the first stage, the effect of the head.

    The standard gives coefficients for 48 kHz only; the analogue prototype behind them is from
    B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (AES 145).
    """
    k = math.tan(math.pi * 1681.9744509555319 / sample_rate_hertz)
    quality = 0.7071752369554193
    high = 10 ** (3.99984385397 / 20)
    middle = high**0.499666774155
    scale = 1 + k / quality + k * k
    numerator = [
        (high + middle * k / quality + k * k) / scale,
        2 * (k * k - high) / scale,
        (high - middle * k / quality + k * k) / scale,
    ]
    return numerator, [1.0, 2 * (k * k - 1) / scale, (1 - k / quality + k * k) / scale]


def _high_pass(sample_rate_hertz: int) -> tuple[list[float], list[float]]:
    """Returns the second stage, RLB weighting; prototype as in `_shelf`."""
    k = math.tan(math.pi * 38.13547087613982 / sample_rate_hertz)
    quality = 0.5003270373253953
    scale = 1 + k / quality + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / scale, (1 - k / quality + k * k) / scale]
