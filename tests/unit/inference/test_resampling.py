import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from services.inference.resampling import QUALITY, StreamResampler

TONE = np.sin(2 * np.pi * 440 * np.arange(12_000) / 24_000).astype(np.float32) * 0.5


def streamed(samples: np.ndarray, sizes: list[int], to_hertz: int) -> np.ndarray:
    resampler = StreamResampler(24_000, to_hertz)
    pieces = []
    start = 0
    for size in sizes:
        pieces.append(resampler.resample(samples[start : start + size]))
        start += size
    pieces.append(resampler.resample(samples[start:], last=True))
    return np.concatenate(pieces)


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(0, 3_000), max_size=12),
    to_hertz=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]),
)
def test_a_stream_sounds_the_same_however_it_is_cut(sizes: list[int], to_hertz: int) -> None:
    whole = soxr.resample(TONE, 24_000, to_hertz, quality=QUALITY)

    resampled = streamed(TONE, sizes, to_hertz)

    assert resampled.shape == whole.shape
    np.testing.assert_allclose(resampled, whole, atol=1e-6)


@pytest.mark.parametrize("to_hertz", [8_000, 22_050, 48_000])
def test_a_stream_keeps_its_length_and_its_tone(to_hertz: int) -> None:
    resampled = streamed(TONE, [1_000] * 11, to_hertz)

    assert resampled.size == round(TONE.size * to_hertz / 24_000)
    spectrum = np.abs(np.fft.rfft(resampled * np.hanning(resampled.size)))
    assert np.argmax(spectrum) * to_hertz / resampled.size == pytest.approx(440, abs=2)


def test_the_same_rate_changes_nothing() -> None:
    resampler = StreamResampler(24_000, 24_000)

    assert resampler.resample(TONE) is TONE


def test_an_empty_stream_gives_nothing() -> None:
    resampler = StreamResampler(24_000, 48_000)

    assert resampler.resample(np.zeros(0, dtype=np.float32), last=True).size == 0
