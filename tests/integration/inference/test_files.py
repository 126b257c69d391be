"""Audio files as ffmpeg writes them, and as ffprobe and players read them."""

import asyncio
import json
import struct
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from services.chassis.errors import InvalidInputError, UnavailableError
from services.inference.files.encoding import encoded
from services.inference.files.formats import AudioFileFormat
from services.inference.files.tags import SpeechTags
from tests.eventually import eventually

RATE_HERTZ = 24_000
TONE = (np.sin(2 * np.pi * 440 * np.arange(RATE_HERTZ) / RATE_HERTZ) * 12_000).astype("<i2")
TAGS = SpeechTags(voice_id="joe", model="joe", model_version="1.0.0 ünï; =x")
FORMATS = list(AudioFileFormat)


async def in_pieces(samples: np.ndarray = TONE, size: int = 1_111) -> AsyncIterator[bytes]:
    content = samples.tobytes()
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def file_of(tmp_path: Path, file_format: AudioFileFormat, rate: int = RATE_HERTZ) -> bytes:
    async with encoded(in_pieces(), rate, file_format, TAGS, scratch=tmp_path) as path:
        return path.read_bytes()


def probed(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, check=True).stdout
    )
    return found


def decoded(path: Path, rate: int) -> np.ndarray:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ar", str(rate), "-"]
    content = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(content, dtype="<i2").astype(float)


@pytest.mark.parametrize("file_format", FORMATS)
async def test_each_format_says_that_the_speech_is_synthetic_and_who_made_it(
    tmp_path: Path, file_format: AudioFileFormat
) -> None:
    path = tmp_path / f"speech{file_format.suffix}"
    path.write_bytes(await file_of(tmp_path, file_format))

    found = probed(path)

    tags = {k.lower(): v for k, v in found["format"].get("tags", {}).items()}
    tags |= {k.lower(): v for k, v in found["streams"][0].get("tags", {}).items()}
    assert tags["title"] == "Synthetic speech"
    assert tags["comment"] == (
        "synthetic=1; generator=tts-trainer; voice=joe; model=joe; model_version=1.0.0 ünï; =x"
    )
    if file_format is not AudioFileFormat.WAV:  # which knows no names of one's own
        assert tags["synthetic"] == "1"
        assert tags["voice"] == "joe"
    [stream] = found["streams"]
    assert stream["channels"] == 1
    assert float(found["format"]["duration"]) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("file_format", FORMATS)
async def test_the_same_samples_give_the_same_bytes(
    tmp_path: Path, file_format: AudioFileFormat
) -> None:
    assert await file_of(tmp_path, file_format) == await file_of(tmp_path, file_format)


@pytest.mark.parametrize("file_format", [AudioFileFormat.WAV, AudioFileFormat.FLAC])
async def test_lossless_formats_keep_every_sample(
    tmp_path: Path, file_format: AudioFileFormat
) -> None:
    async with encoded(in_pieces(), RATE_HERTZ, file_format, TAGS, scratch=tmp_path) as path:
        samples, rate = soundfile.read(path, dtype="int16")

    assert rate == RATE_HERTZ
    np.testing.assert_array_equal(samples, TONE)


@pytest.mark.parametrize(
    "file_format", [AudioFileFormat.MP3, AudioFileFormat.OGG_OPUS, AudioFileFormat.AAC]
)
@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 48_000])
async def test_lossy_formats_keep_the_tone_at_every_rate(
    tmp_path: Path, file_format: AudioFileFormat, rate: int
) -> None:
    async with encoded(in_pieces(), rate, file_format, TAGS, scratch=tmp_path) as path:
        samples = decoded(path, rate)

    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    heard_hertz = np.argmax(spectrum) * rate / samples.size
    assert heard_hertz == pytest.approx(440 * rate / RATE_HERTZ, rel=0.02)


async def test_the_header_of_a_wav_gives_its_true_size(tmp_path: Path) -> None:
    content = await file_of(tmp_path, AudioFileFormat.WAV)

    (riff_size,) = struct.unpack_from("<I", content, 4)
    data = content.index(b"data")
    (data_size,) = struct.unpack_from("<I", content, data + 4)
    assert riff_size == len(content) - 8
    assert data_size == TONE.nbytes == len(content) - data - 8
    assert content.index(b"ICMT") < data  # told before the audio, so also of a part of the file


async def test_nothing_spoken_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as refused:
        async with encoded(
            in_pieces(TONE[:0]), RATE_HERTZ, AudioFileFormat.WAV, TAGS, scratch=tmp_path
        ):
            pass

    assert refused.value.reason == "NO_AUDIO"


async def test_without_ffmpeg_the_error_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="install ffmpeg"):
        async with encoded(
            in_pieces(),
            RATE_HERTZ,
            AudioFileFormat.WAV,
            TAGS,
            scratch=tmp_path,
            ffmpeg_program=tmp_path / "absent",
        ):
            pass


async def test_an_error_of_the_samples_and_a_cancellation_leave_nothing_behind(
    tmp_path: Path,
) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"\0\0"
        raise ValueError("the engine failed")

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"\0\0"
            await asyncio.sleep(0)

    async def encode(pieces: AsyncIterator[bytes]) -> None:
        async with encoded(pieces, RATE_HERTZ, AudioFileFormat.MP3, TAGS, scratch=tmp_path):
            pass

    with pytest.raises(ValueError, match="the engine failed"):
        await encode(failing())
    task = asyncio.create_task(encode(endless()))
    await eventually(lambda: any(tmp_path.rglob("*.s16le")))
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert not list(tmp_path.iterdir())
