"""Packets as Discord's listeners decode them: of two channels."""

import numpy as np
import pytest
from discord.opus import Decoder

from bot.audio.frames import FRAME_SAMPLES
from bot.audio.opus import SILENCE, OpusVoice


def test_a_voice_survives_its_packets_and_is_heard_on_both_sides() -> None:
    times = np.arange(50 * FRAME_SAMPLES) / 48_000
    frames = (12_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").reshape(50, -1)
    voice, decoder = OpusVoice(), Decoder()  # type: ignore[no-untyped-call]
    packets = [voice.encode(frame.tobytes()) for frame in frames]
    assert max(map(len, packets)) < 400, "far below the limit of a datagram"
    pcm = b"".join(decoder.decode(packet, fec=False) for packet in packets)
    sound = np.frombuffer(pcm, "<i2").reshape(-1, 2)[4_800:].astype(float)
    assert sound[:, 0].std() == pytest.approx(12_000 / np.sqrt(2), rel=0.05)
    assert np.abs(sound[:, 0] - sound[:, 1]).max() < 100
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    assert np.argmax(spectrum) * 48_000 / len(sound) == pytest.approx(440, abs=2)


def test_the_packet_of_silence_is_silent() -> None:
    decoder = Decoder()  # type: ignore[no-untyped-call]
    pcm = decoder.decode(SILENCE, fec=False)
    assert not np.frombuffer(pcm, "<i2").any()
    assert len(pcm) == 4 * FRAME_SAMPLES
