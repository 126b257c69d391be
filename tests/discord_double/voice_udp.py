"""The UDP port of the voice servers, and the network on the way to it."""

import asyncio
import random
import socket
import struct
import time
from typing import TYPE_CHECKING, TypeAlias

from tests.discord_double import rtp

if TYPE_CHECKING:
    from tests.discord_double.calls import Call

Address: TypeAlias = tuple[str, int]

_MOST_BYTES = 2048
_BUFFER_BYTES = 4 << 20
# Not in Python's socket module before 3.14; the numbers are Linux's.
_SO_TIMESTAMPNS = 35


class VoiceUdp:
    """One port for all calls; it can lose and delay packets, both ways, from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self.loss_ratio = 0.0
        self.jitter_seconds = 0.0
        """Each packet is late by up to so much, so that some overtake others."""
        self.lost_discoveries = 0
        """So many of the next IP discoveries get no answer."""
        self.lost_count = 0
        """Of the bot's packets."""
        self.calls: dict[int, Call] = {}
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        """Where clients send to."""
        return int(self._socket.getsockname()[1])

    def open(self) -> None:
        """Starts to listen."""
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self) -> None:
        """Stops."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def send(self, datagram: bytes, address: Address) -> None:
        """Sends to a client, over the same network."""
        delay = self._delay()
        if delay is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(delay, self._send_now, datagram, address)

    def _send_now(self, datagram: bytes, address: Address) -> None:
        if self._socket.fileno() != -1:
            self._socket.sendto(datagram, address)

    def _readable(self) -> None:
        while True:
            try:
                datagram, extras, _, address = self._socket.recvmsg(_MOST_BYTES, 64)
            except BlockingIOError:
                return
            arrived = _arrival(extras)
            if rtp.is_discovery(datagram):
                self._discover(datagram, address)
            else:
                self._take(datagram, arrived)

    def _take(self, datagram: bytes, arrived: float) -> None:
        ssrc = rtp.ssrc_of(datagram)
        call = self.calls.get(ssrc) if ssrc is not None else None
        if call is None:
            return
        delay = self._delay()
        if delay is None:
            self.lost_count += 1
        elif delay:
            loop = asyncio.get_running_loop()
            loop.call_later(delay, call.hear, datagram, arrived + delay)
        else:
            call.hear(datagram, arrived)

    def _discover(self, datagram: bytes, address: Address) -> None:
        ssrc = rtp.discovery_ssrc(datagram)
        if ssrc not in self.calls:
            return
        if self.lost_discoveries:
            self.lost_discoveries -= 1
            return
        self.calls[ssrc].address = address
        self._socket.sendto(rtp.discovery_answer(ssrc, address), address)

    def _delay(self) -> float | None:
        """Seconds on the way; None for a packet that is lost."""
        if self._chance.random() < self.loss_ratio:
            return None
        return self._chance.random() * self.jitter_seconds


def _arrival(extras: list[tuple[int, int, bytes]]) -> float:
    """Returns when the kernel took the packet, on the clock of time.perf_counter().

    However busy the event loop is, the gaps between packets stay true.
    """
    now = time.perf_counter()
    for level, kind, data in extras:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@ll", data[:16])
            return float(now - (time.time() - (seconds + nanoseconds / 1e9)))
    return now
