"""Opus as Discord takes it: 48 kHz, 20 ms a packet."""

from typing import Final

import discord

from bot.audio.frames import FRAME_SAMPLES
from services.chassis.errors import UnavailableError

SILENCE: Final = b"\xf8\xff\xfe"
"""A packet of silence, in Discord's documentation."""
BITRATE_KBPS: Final = 64
EXPECTED_LOSS_RATIO: Final = 0.05


class _MonoEncoder(discord.opus.Encoder):
    """Half the samples to look at; decoders of two channels play it on both (RFC 6716, 4.5)."""

    CHANNELS = 1


class OpusVoice:
    """Encodes one voice after the other; of use to one thread."""

    def __init__(self) -> None:
        """Loads libopus; raises UnavailableError when it is not installed."""
        try:
            self._encoder = _MonoEncoder(
                application="voip",
                bitrate=BITRATE_KBPS,
                fec=True,
                expected_packet_loss=EXPECTED_LOSS_RATIO,
                signal_type="voice",
            )
        except discord.opus.OpusNotLoaded as error:
            message = "libopus is missing: install it (Debian: libopus0, Homebrew: opus)."
            raise UnavailableError(message, reason="OPUS_MISSING") from error

    def encode(self, frame: bytes) -> bytes:
        """Returns the packet of a frame of 960 samples; the interpreter is free meanwhile."""
        return self._encoder.encode(frame, FRAME_SAMPLES)
