"""Speech without a service, and ears without Discord."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import numpy as np

from bot.audio.opus import SILENCE
from bot.speech.order import SpeechOrder
from bot.speech.source import Pcm
from services.chassis.errors import ServiceError

LONG = " ".join(f"word {number}" for number in range(50))
"""What a FakeSpeech says in 20 s; the numbers keep it from being shortened."""


@dataclass
class FakeSpeech:
    """A SpeechSource: a tone of `seconds_per_word` for each word, in chunks, at a pace.

    The words `Fail` and `Stall` in a text break it off there, or make it wait for ever.
    """

    seconds_per_word: float = 0.2
    chunk_seconds: float = 0.1
    first_audio_seconds: float = 0.0
    """How long the first chunk takes."""
    pace: float = 0.0
    """Seconds of waiting for each second of audio: 1 is as fast as it is heard."""
    hertz: float = 440.0
    sample_rate_hertz: int = 24_000
    error: ServiceError | None = None
    """What each text is answered with."""
    orders: list[SpeechOrder] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    """Texts whose speech was closed before its end."""
    running: int = 0

    async def speak(self, order: SpeechOrder) -> AsyncGenerator[Pcm, None]:
        """See SpeechSource."""
        self.orders.append(order)
        self.asked_at.append(time.monotonic())
        self.running += 1
        has_ended = False
        try:
            if self.error is not None:
                raise self.error
            await asyncio.sleep(self.first_audio_seconds)
            due = time.monotonic()
            for word in order.text.split():
                match word:
                    case "Fail":
                        raise ServiceError("The speech broke off.", reason="BROKEN")
                    case "Stall":
                        await asyncio.Event().wait()
                for chunk in self._word():
                    yield Pcm(chunk, self.sample_rate_hertz)
                    due += self.pace * len(chunk) / 2 / self.sample_rate_hertz
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
            has_ended = True
        finally:
            self.running -= 1
            if not has_ended:
                self.closed.append(order.text)

    @property
    def texts(self) -> list[str]:
        """What it was asked to say."""
        return [order.text for order in self.orders]

    def _word(self) -> list[bytes]:
        times = np.arange(round(self.seconds_per_word * self.sample_rate_hertz))
        tone = np.sin(2 * np.pi * self.hertz * times / self.sample_rate_hertz)
        samples = (12_000 * tone).astype("<i2").tobytes()
        step = 2 * round(self.chunk_seconds * self.sample_rate_hertz)
        return [samples[at : at + step] for at in range(0, len(samples), step)]


@dataclass
class FakeOutlet:
    """Keeps the packets that it is sent, with their times by `clock`."""

    is_open: bool = True
    packets: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    rests: int = 0
    breaks: bool = False
    clock: Callable[[], float] = time.monotonic

    def is_ready(self) -> bool:
        """See Outlet."""
        return self.is_open

    def send(self, packet: bytes) -> None:
        """See Outlet."""
        if self.breaks:
            raise RuntimeError("the outlet broke")
        self.times.append(self.clock())
        self.packets.append(packet)

    def rest(self) -> None:
        """See Outlet."""
        self.rests += 1

    @property
    def heard(self) -> list[bytes]:
        """The packets that are no silence."""
        return [packet for packet in list(self.packets) if packet != SILENCE]
