"""Clipping is found where the waveform is cut flat, at any level."""

import numpy as np
import pytest

from services.speech.clipping import ClippingMeter
from tests import speech
from tests.speech import SAMPLE_RATE_HERTZ, Samples


def meter_of(samples: Samples) -> ClippingMeter:
    peaks = np.array([float(np.abs(samples).max())])
    meter = ClippingMeter(peaks, SAMPLE_RATE_HERTZ, 0.032)
    for start in range(0, len(samples), 5000):
        meter.push(samples[start : start + 5000, None])
    return meter


def loud_noise(seconds: float) -> Samples:
    return speech.noise(seconds, rms=0.3)


def test_sound_with_headroom_is_not_clipped() -> None:
    assert meter_of(loud_noise(5)).ratio == 0


def test_flat_tops_at_full_scale_are_counted() -> None:
    cut = np.clip(speech.tone(1, hertz=100, peak=2.0), -1, 1)
    share = float(np.mean(np.abs(cut) == 1))
    assert meter_of(cut).ratio == pytest.approx(share, rel=0.02)


def test_what_was_clipped_and_turned_down_is_still_clipped() -> None:
    cut = np.clip(speech.tone(1, hertz=100, peak=2.0), -1, 1)
    assert meter_of(cut * np.float32(0.3)).ratio == pytest.approx(meter_of(cut).ratio)


def test_it_is_known_where_clipping_is() -> None:
    samples = np.concatenate([0.1 * loud_noise(1), np.clip(5 * loud_noise(1), -1, 1)])
    counts = meter_of(samples).frame_counts()
    assert counts[:31].sum() == 0
    assert counts[32:].sum() > 0


def test_silence_is_not_clipped() -> None:
    assert meter_of(speech.silence(1)).ratio == 0
