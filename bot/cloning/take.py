"""What one member says, put together from packets that come late, twice or not at all."""

import io
import wave
from typing import Final

import discord
import numpy as np

RATE_HERTZ: Final = 48_000
LONGEST_GAP_SAMPLES: Final = RATE_HERTZ // 2
"""Longer pauses are cut to it: a member who is silent sends nothing."""
_WRAP: Final = 1 << 32


class Take:
    """Opus frames by their time, of at most so many seconds with the pauses."""

    def __init__(self, max_seconds: float) -> None:
        """Is empty."""
        self._decoder = discord.opus.Decoder()  # type: ignore[no-untyped-call]
        self._max_samples = round(max_seconds * RATE_HERTZ)
        self._frames: dict[int, bytes] = {}
        self._first: int | None = None
        self._samples = 0

    @property
    def seconds(self) -> float:
        """How much was said, without pauses."""
        return self._samples / RATE_HERTZ

    @property
    def is_full(self) -> bool:
        """Whether nothing more is taken."""
        return self._samples >= self._max_samples

    def add(self, timestamp: int, opus: bytes) -> None:
        """Takes a frame; a second one of the same time is dropped, as is what is too much."""
        if self._first is None:
            self._first = timestamp
        since = (timestamp - self._first + _WRAP // 2) % _WRAP - _WRAP // 2
        if since not in self._frames and not self.is_full:
            self._frames[since] = opus
            self._samples += self._duration(opus)

    def wav(self) -> bytes:
        """Returns it as a file: one channel, 16 bits."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE_HERTZ)
            writer.writeframes(self._decoded().tobytes())
        return file.getvalue()

    def _decoded(self) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
        parts: list[np.ndarray[tuple[int, ...], np.dtype[np.int16]]] = []
        end: int | None = None
        length = 0
        for since, opus in sorted(self._frames.items()):
            try:
                stereo = np.frombuffer(self._decoder.decode(opus, fec=False), np.int16).reshape(
                    -1, 2
                )
            except discord.opus.OpusError:
                continue
            gap = 0 if end is None else max(0, min(since - end, LONGEST_GAP_SAMPLES))
            parts += [np.zeros(gap, np.int16), stereo.mean(axis=1).astype(np.int16)]
            end = since + len(stereo)
            length += gap + len(stereo)
            if length >= self._max_samples:
                break  # nobody paused for so long: the times are those that the sender wrote
        return np.concatenate([np.zeros(0, np.int16), *parts])[: self._max_samples]

    def _duration(self, opus: bytes) -> int:
        """Returns the samples of a frame; none of what is no Opus."""
        try:
            frame_count = self._decoder.packet_get_nb_frames(opus)
            return frame_count * self._decoder.packet_get_samples_per_frame(opus)
        except discord.opus.OpusError:
            return 0
