"""WAV files that are written while their audio is made."""

import struct
import wave
from pathlib import Path

import pytest

from gateway.cli.speech.wave_file import WaveFile, wave_header

SAMPLES = struct.pack("<4h", 0, 1000, -1000, 32767)


@pytest.mark.parametrize("comment", ["", "Synthetic speech", "Synthetic speech!"])
def test_a_file_holds_its_samples_and_says_what_it_is(tmp_path: Path, comment: str) -> None:
    path = tmp_path / "speech.wav"
    with WaveFile(path, 22_050, comment) as file:
        file.write(SAMPLES[:4])
        file.write(SAMPLES[4:])
        assert not path.exists()
    with wave.open(str(path)) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth()) == (22_050, 1, 2)
        assert read.readframes(10) == SAMPLES
    content = path.read_bytes()
    assert comment.encode() in content
    assert struct.unpack("<I", content[4:8]) == (len(content) - 8,)


def break_off(path: Path) -> None:
    with WaveFile(path, 8000, "") as file:
        file.write(SAMPLES)
        raise ZeroDivisionError


def test_a_file_that_was_not_completed_is_not_there(tmp_path: Path) -> None:
    old = tmp_path / "speech.wav"
    old.write_bytes(b"what was there before")
    with pytest.raises(ZeroDivisionError):
        break_off(old)
    assert [path.name for path in tmp_path.iterdir()] == ["speech.wav"]
    assert old.read_bytes() == b"what was there before"


def test_a_stream_without_an_end_says_so() -> None:
    header = wave_header(24_000)
    assert header.endswith(b"data" + b"\xff" * 4)
    assert struct.unpack("<I", header[24:28]) == (24_000,)
