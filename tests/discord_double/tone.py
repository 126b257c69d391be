"""A source of sound for discord.py: a sine, encoded before it plays, so that it costs nothing."""

import discord
import numpy as np
import numpy.typing as npt

from tests.discord_double.people import opus_frames
from tests.discord_double.rtp import FRAME_SECONDS, SAMPLE_RATE_HERTZ


class Tone(discord.AudioSource):
    """A sine for so many seconds, or without an end."""

    def __init__(self, seconds: float | None = None, *, hertz: float = 440) -> None:
        # A whole number of periods: it may be played round and round.
        self._frames = opus_frames(sine(1.0, hertz=round(hertz)))
        self._count = None if seconds is None else round(seconds / FRAME_SECONDS)
        self._played = 0

    def is_opus(self) -> bool:
        """It is."""
        return True

    def read(self) -> bytes:
        """Returns the next 20 ms."""
        if self._played == self._count:
            return b""
        self._played += 1
        return self._frames[self._played % len(self._frames)]


def sine(seconds: float, *, hertz: float = 440) -> npt.NDArray[np.float64]:
    """Returns a sine at half of full scale: mono, 48 kHz."""
    times = np.arange(round(seconds * SAMPLE_RATE_HERTZ)) / SAMPLE_RATE_HERTZ
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * times))


def loudest_hertz(sound: npt.NDArray[np.floating]) -> float:
    """Returns the frequency with the most energy: of mono, or of the left side of stereo."""
    side = sound if sound.ndim == 1 else sound[:, 0]
    spectrum = np.abs(np.fft.rfft(side * np.hanning(len(side))))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HERTZ / len(side))
