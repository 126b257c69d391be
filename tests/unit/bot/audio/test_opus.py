"""Packets as Discord's listeners decode them: of two channels."""

import subprocess
import sys

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


WITHOUT_OPUS = """
import ctypes.util, warnings
ctypes.util.find_library = lambda name: None
warnings.simplefilter("ignore")
from bot.audio.opus import OpusVoice
from services.chassis.errors import UnavailableError
try:
    OpusVoice()
except UnavailableError as error:
    print(error.message)
"""


def test_a_machine_without_libopus_is_told_what_to_install() -> None:
    command = [sys.executable, "-c", WITHOUT_OPUS]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "install it (Debian: libopus0" in said
