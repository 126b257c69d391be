"""Stand-ins for ffprobe and ffmpeg: they find and decode whatever a test says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from services.media.contents import Contents, Stream
from services.media.ffmpeg import Decoding

SECONDS = 2.0
RATE_HERTZ = 8000
ENGLISH = Stream(
    index=1,
    kind="audio",
    codec="pcm_s16le",
    language_code="en",
    duration_seconds=SECONDS,
    sample_rate_hertz=RATE_HERTZ,
    channel_count=1,
    bits_per_sample=16,
)


@dataclass
class FakeDescriber:
    """Describes every file alike."""

    version: str = "fake"
    contents: Contents = field(default_factory=lambda: Contents("mov", SECONDS, 1, 1, (ENGLISH,)))

    async def describe(self, path: Path) -> Contents:
        """See Describer."""
        return self.contents


@dataclass
class FakeDecoder:
    """Decodes every file to a short tone, once `gate` is open."""

    version: str = "fake"
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    decoded_count: int = 0
    cancelled_count: int = 0

    async def decode(self, decoding: Decoding, on_seconds: Callable[[float], None]) -> None:
        """See Decoder; tells half the way before the gate."""
        on_seconds(SECONDS / 2)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled_count += 1
            raise
        self.decoded_count += 1
        tone = np.sin(np.arange(round(SECONDS * RATE_HERTZ)) / 3)
        await asyncio.to_thread(soundfile.write, decoding.target, tone, RATE_HERTZ)
