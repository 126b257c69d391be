"""Whatever people drop, the same speech comes out of it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import correlate

from tests.media_parts import MediaParts, media_parts
from tests.recorded_media import SAMPLE_RATE_HERTZ, SOUNDS, VIDEOS, record, spoken

LOSSLESS = {"mov", "flac", "wav", "aiff", "caf"}
ALIGNMENT_SECONDS = 0.2


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> MediaParts:
    return media_parts(tmp_path_factory.mktemp("media"))


@pytest.mark.parametrize("suffix", [*VIDEOS, *SOUNDS])
async def test_the_same_speech_comes_out(suffix: str, parts: MediaParts, tmp_path: Path) -> None:
    audio = await parts.extract(record(tmp_path, suffix))
    samples, rate = soundfile.read(parts.path_of(audio.audio_uri), dtype="float32")
    assert (rate, samples.ndim) == (SAMPLE_RATE_HERTZ, 1)
    assert (audio.sample_rate_hertz, audio.channel_count) == (rate, 1)
    assert audio.sample_count == len(samples)
    assert abs(len(samples) - len(spoken())) < ALIGNMENT_SECONDS * rate
    assert likeness(samples, spoken()) > 0.97
    assert audio.missing_seconds == 0
    assert audio.bits_per_sample == (16 if suffix in LOSSLESS | {"mpg"} else 24)


@pytest.mark.parametrize("suffix", sorted(LOSSLESS))
async def test_lossless_codecs_come_out_with_identical_samples(
    suffix: str, parts: MediaParts, tmp_path: Path
) -> None:
    audio = await parts.extract(record(tmp_path, suffix))
    extracted, _ = soundfile.read(parts.path_of(audio.audio_uri), dtype="int16")
    original, _ = soundfile.read(record(tmp_path, "wav"), dtype="int16")
    np.testing.assert_array_equal(extracted, original)


@pytest.mark.parametrize("suffix", VIDEOS)
async def test_a_video_tells_both_of_its_streams(
    suffix: str, parts: MediaParts, tmp_path: Path
) -> None:
    media = await parts.probe(record(tmp_path, suffix))
    (video,) = [each for each in media.streams if each.width_pixels]
    (audio,) = [each for each in media.streams if each.sample_rate_hertz]
    assert (video.width_pixels, video.height_pixels) == (64, 48)
    assert (audio.sample_rate_hertz, audio.channel_count) == (SAMPLE_RATE_HERTZ, 1)
    assert abs(media.duration_seconds - len(spoken()) / SAMPLE_RATE_HERTZ) < 1.0


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Returns the greatest normalised correlation over all shifts: 1.0 for the same sound."""
    norm = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.max(correlate(one, other, method="fft"))) / norm
