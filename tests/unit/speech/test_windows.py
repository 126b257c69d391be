"""Audio is read and resampled in blocks, and nothing is lost between them."""

from pathlib import Path

import numpy as np
import pytest
import soxr

from services.speech.windows import (
    UnreadableAudioError,
    audio_info,
    blocks,
    read_range,
    resampled,
)
from tests import speech


def test_a_file_comes_in_blocks_of_all_its_channels(tmp_path: Path) -> None:
    stereo = np.stack([speech.tone(2.5), speech.noise(2.5)], axis=1)
    path = speech.save(tmp_path / "x.flac", stereo)
    found = list(blocks(path, block_seconds=1))
    assert [block.shape for block in found] == [(16_000, 2), (16_000, 2), (8_000, 2)]
    assert np.concatenate(found) == pytest.approx(stereo, abs=2**-15)


def test_a_header_tells_what_is_in_a_file(tmp_path: Path) -> None:
    info = audio_info(speech.save(tmp_path / "x.wav", speech.tone(1.5), 22_050))
    assert (info.sample_rate_hertz, info.channel_count, info.sample_count) == (22_050, 1, 24_000)
    assert info.duration_seconds == pytest.approx(24_000 / 22_050)


def test_a_range_of_a_file_is_read(tmp_path: Path) -> None:
    samples = speech.noise(1)
    path = speech.save(tmp_path / "x.wav", samples)
    assert read_range(path, 100, 250) == pytest.approx(samples[100:250], abs=2**-15)


@pytest.mark.parametrize("content", [b"", b"this is no audio", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(UnreadableAudioError):
        list(blocks(path))


def test_resampling_in_blocks_is_resampling_at_once() -> None:
    samples = speech.noise(3)
    pieces = [samples[start : start + 1_111] for start in range(0, len(samples), 1_111)]
    found = np.concatenate(list(resampled(pieces, 16_000, 24_000)))
    expected = soxr.resample(samples, 16_000, 24_000, quality="VHQ")
    assert len(found) == len(expected) == 72_000
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_same_rate_changes_nothing() -> None:
    samples = speech.noise(1)
    assert np.array_equal(np.concatenate(list(resampled([samples], 16_000, 16_000))), samples)
