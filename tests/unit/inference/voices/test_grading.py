"""What is kept of a clip, and what is said of it."""

import numpy as np
import pytest

from services.inference.voices.clip import STORED_HERTZ, Clip, Samples, gain_to, loudness_of
from services.inference.voices.grading import (
    MAX_CLIP_SECONDS,
    MAX_KEPT_SECONDS,
    prepared,
    refusal_of,
    warnings_of,
)
from services.speech.regions import SAMPLE_RATE_HERTZ, Region
from tests.fakes.voices import PitchVoices
from tests.speech import tone


def clip(
    *stretches: tuple[float, float],
    seconds: float = 10.0,
    peak: float = 0.3,
    hertz: float = 300.0,
    clipped_ratio: float = 0.0,
    loudness_lufs: float = -20.0,
    source_hertz: int = 48_000,
) -> Clip:
    """A clip with speech in these stretches of seconds, sounding all the time."""

    def sound(rate: int) -> Samples:
        return tone(seconds, hertz=hertz, peak=peak, sample_rate_hertz=rate)

    regions = [
        Region(round(start * SAMPLE_RATE_HERTZ), round(end * SAMPLE_RATE_HERTZ))
        for start, end in stretches
    ]
    return Clip(
        sound(STORED_HERTZ),
        sound(SAMPLE_RATE_HERTZ),
        regions,
        source_hertz,
        loudness_lufs,
        peak,
        clipped_ratio,
    )


def reason_of(*clips: Clip) -> str:
    refusal = refusal_of(clips, PitchVoices())
    return refusal.reason if refusal else ""


def test_a_good_clip_is_taken_without_a_word() -> None:
    good = clip((1, 9))
    assert reason_of(good) == ""
    assert [w for w in warnings_of(good, 8.0) if "noise" not in w] == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (clip((0, 200), seconds=MAX_CLIP_SECONDS + 1), "TOO_LONG"),
        (clip((0, 0.3), seconds=0.3), "TOO_SHORT"),
        (clip((0, 2.9)), "TOO_SHORT"),
        (clip(loudness_lufs=-75.0), "SILENT"),
        (clip(), "NO_SPEECH"),
        (clip((1, 9), clipped_ratio=0.02), "CLIPPED"),
    ],
)
def test_what_cannot_be_cloned_from_is_refused(bad: Clip, reason: str) -> None:
    assert reason_of(bad) == reason


def test_short_clips_add_up() -> None:
    assert reason_of(clip((0, 2)), clip((0, 2))) == ""


def test_a_second_speaker_is_found_in_another_clip_but_a_laugh_is_not_one() -> None:
    assert reason_of(clip((1, 9)), clip((1, 4), hertz=900)) == "SEVERAL_SPEAKERS"
    assert reason_of(clip((1, 9)), clip((1, 2.2), hertz=900)) == ""


def test_the_refusal_tells_which_clip_it_is_about() -> None:
    refusal = refusal_of([clip((1, 9)), clip((1, 9), clipped_ratio=0.5)], PitchVoices())
    assert refusal is not None
    assert refusal.clip_index == 1


@pytest.mark.parametrize(
    ("poor", "total_seconds", "words"),
    [
        (clip((1, 5)), 4.0, "4.0 s of speech in all"),
        (clip((1, 80), seconds=90.0), 79.0, "first 60 s"),
        (clip((1, 9), clipped_ratio=0.005), 8.0, "clipped"),
        (clip((1, 9), source_hertz=8000), 8.0, "8000 Hz"),
    ],
)
def test_what_could_be_better_is_said(poor: Clip, total_seconds: float, words: str) -> None:
    assert words in " ".join(warnings_of(poor, total_seconds))


def test_a_clip_is_kept_from_the_first_word_to_the_last() -> None:
    kept = prepared(clip((2, 4), (5, 7)))
    assert len(kept) / STORED_HERTZ == pytest.approx(5.2, abs=0.01)
    assert loudness_of(kept, STORED_HERTZ) == pytest.approx(-23, abs=0.1)


def test_a_long_clip_is_cut_in_a_pause() -> None:
    kept = prepared(clip((0, 30), (31, 55), (56, 80), seconds=90.0))
    assert len(kept) / STORED_HERTZ == pytest.approx(55.1, abs=0.01)
    endless = prepared(clip((0, 80), seconds=90.0))
    assert len(endless) / STORED_HERTZ == pytest.approx(MAX_KEPT_SECONDS, abs=0.01)


def test_a_peak_limits_the_gain() -> None:
    assert gain_to(-23, -43, 0.05, -1) == pytest.approx(10)
    assert gain_to(-23, -43, 0.5, -1) == pytest.approx(10 ** (-1 / 20) / 0.5)
    assert gain_to(-23, float("-inf"), 0.0, -1) == 1
    assert np.isfinite(gain_to(-23, -70.0, 1e-9, -1))
