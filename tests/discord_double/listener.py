"""Who sits in the channel with the bot and listens: every packet, when it came, what it held."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from discord.opus import Decoder

from tests.discord_double.bell import PATIENCE_SECONDS, Bell
from tests.discord_double.rtp import FRAME_SAMPLES, SAMPLE_RATE_HERTZ, SILENCE

__all__ = ["SAMPLE_RATE_HERTZ", "Listener", "Packet"]

_SEQUENCES, _TIMESTAMPS = 1 << 16, 1 << 32
_QUIET_SECONDS = 0.3
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Packet:
    """20 ms of the bot."""

    arrived: float
    """On the clock of time.perf_counter(), as the kernel saw it."""
    sequence: int
    timestamp: int
    nonce: int
    opus: bytes
    """Empty if nobody could decrypt it."""
    is_encrypted: bool
    """End to end, besides the transport."""
    heard_by: frozenset[int]
    """The ids of the people in the channel whose clients could play it."""
    unheard_by: frozenset[int]
    """Those in the channel whose clients could not decrypt it."""

    @property
    def is_silence(self) -> bool:
        """Says whether it is a frame of silence, as they end each stretch of speech."""
        return self.opus == SILENCE


class Listener:
    """What was heard in one voice session of the bot."""

    def __init__(self, bell: Bell) -> None:
        self.packets: list[Packet] = []
        self.broken_seals = 0
        self._bell = bell
        self._mark = 0

    def note(self, packet: Packet) -> None:
        """Takes a packet; the call does that."""
        self.packets.append(packet)
        self._bell.ring()

    def mark(self) -> None:
        """What came before this moment counts no more in `heard`."""
        self._mark = len(self.packets)

    @property
    def frames(self) -> list[Packet]:
        """The packets with sound that somebody heard, since the last mark."""
        since = self.packets[self._mark :]
        return [packet for packet in since if packet.heard_by and not packet.is_silence]

    @property
    def undecodable(self) -> list[Packet]:
        """The packets with sound that came while people were there, of whom nobody could hear."""
        return [one for one in self.packets if one.unheard_by and not one.heard_by]

    async def heard(
        self, frames: int = 1, *, within_seconds: float = PATIENCE_SECONDS
    ) -> list[Packet]:
        """Waits until so many frames with sound were heard since the last mark; returns them."""
        await self._bell.until(
            lambda: len(self.frames) >= frames,
            f"{frames} frames heard, but {len(self.frames)} of {len(self.packets)} packets",
            within_seconds=within_seconds,
        )
        return self.frames

    async def quiet(
        self, for_seconds: float = _QUIET_SECONDS, *, within_seconds: float = 30.0
    ) -> None:
        """Waits until no packet came for so long.

        While this process is held up, so may be whoever sends: a look counts as 20 ms at most.

        Raises:
            AssertionError: It goes on and on.
        """
        deadline = time.monotonic() + within_seconds
        count, quiet_seconds = len(self.packets), 0.0
        while quiet_seconds < for_seconds:
            assert time.monotonic() < deadline, "it is not quiet"
            await asyncio.sleep(_LOOK_SECONDS)
            quiet_seconds += _LOOK_SECONDS
            if count != len(self.packets):
                count, quiet_seconds = len(self.packets), 0.0

    @property
    def breaks(self) -> list[str]:
        """Where a packet does not follow the one before it: by number, time or nonce."""
        found = []
        for before, after in zip(self.packets, self.packets[1:], strict=False):
            if (after.sequence - before.sequence) % _SEQUENCES != 1:
                found.append(f"sequence {before.sequence} -> {after.sequence}")
            if (after.timestamp - before.timestamp) % _TIMESTAMPS != FRAME_SAMPLES:
                found.append(f"timestamp {before.timestamp} -> {after.timestamp}")
        nonces = [packet.nonce for packet in self.packets]
        if len(set(nonces)) < len(nonces):
            found.append("a nonce was used twice")
        return found

    def gaps_seconds(self) -> npt.NDArray[np.float64]:
        """The time between each two frames with sound that follow each other without a pause."""
        since = self.packets[self._mark :]
        pairs = [
            (before, after)
            for before, after in itertools.pairwise(since)
            if not before.is_silence and not after.is_silence
        ]
        return np.array([after.arrived - before.arrived for before, after in pairs])

    def sound(self, packets: Sequence[Packet] | None = None) -> npt.NDArray[np.float32]:
        """Decodes what was heard of `packets`, or of all since the last mark.

        They are put in order by number first; for one that is missing the decoder fills in.

        Returns:
            (samples, 2) at 48 kHz, between -1 and 1.
        """
        chosen = self.packets[self._mark :] if packets is None else packets
        chosen = [one for one in chosen if one.opus and (one.heard_by or one.is_silence)]
        frames: list[bytes] = []
        expected: int | None = None
        decoder = Decoder()  # type: ignore[no-untyped-call]
        for packet in _in_order(chosen):
            missing = 0 if expected is None else (packet.sequence - expected) % _SEQUENCES
            frames += [decoder.decode(None, fec=False) for _ in range(missing)]
            frames.append(decoder.decode(packet.opus, fec=False))
            expected = (packet.sequence + 1) % _SEQUENCES
        pcm = np.frombuffer(b"".join(frames), "<i2").reshape(-1, 2)
        return (pcm / 32_768).astype(np.float32)


def _in_order(packets: Sequence[Packet]) -> list[Packet]:
    if not packets:
        return []
    first = packets[0].sequence
    half = _SEQUENCES // 2
    return sorted(packets, key=lambda one: (one.sequence - first + half) % _SEQUENCES)
