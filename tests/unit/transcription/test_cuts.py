"""Where audio is cut."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.cuts import FRAME_SECONDS, pieces, speech_cuts
from services.transcription.recognition import SAMPLE_RATE_HERTZ
from tests.speech import silence, tone

MAX_SECONDS = 15.0


def spoken(*stretches: tuple[float, float]) -> list[float]:
    """Probabilities per frame of (seconds, probability) after each other."""
    return [p for seconds, p in stretches for _ in range(round(seconds / FRAME_SECONDS))]


def cut(probabilities: list[float]) -> list[tuple[float, float]]:
    duration = len(probabilities) * FRAME_SECONDS
    return speech_cuts(probabilities, duration_seconds=duration, max_seconds=MAX_SECONDS)


def test_a_recording_without_speech_has_no_cuts() -> None:
    assert cut(spoken((20, 0.01))) == []
    assert cut([]) == []


def test_neighbouring_phrases_share_a_cut_and_a_long_pause_ends_it() -> None:
    found = cut(spoken((1, 0), (3, 1), (0.5, 0), (3, 1), (2, 0), (3, 1), (1, 0)))
    assert len(found) == 2
    assert found[0][1] - found[0][0] > 6.5
    assert found[1][0] - found[0][1] > 1.5


def test_a_cut_keeps_a_little_of_the_pauses_around_it() -> None:
    ((start, end),) = cut(spoken((1, 0), (3, 1), (1, 0)))
    assert 0.75 < start < 0.85
    assert 4.15 < end < 4.25


def test_endless_speech_is_cut_where_it_is_least_probable() -> None:
    found = cut(spoken((10, 0.99), (0.064, 0.7), (10, 0.99)))
    assert len(found) == 2
    assert abs(found[0][1] - 10.0) < 0.3


@given(
    st.lists(st.tuples(st.floats(0.05, 20), st.sampled_from([0.0, 0.6, 1.0])), max_size=12),
)
def test_cuts_are_in_order_apart_bounded_and_hold_all_speech(
    stretches: list[tuple[float, float]],
) -> None:
    probabilities = spoken(*stretches)
    found = cut(probabilities)
    assert all(0 <= start < end for start, end in found)
    assert all(end - start <= MAX_SECONDS + 1e-9 for start, end in found)
    assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(found))
    held = sum(end - start for start, end in found)
    # Speech shorter than 0.1 s is no speech.
    speech = sum(s for s, p in stretches if p >= 0.6 and s >= 0.2)
    assert held >= speech - 0.1 * len(stretches)


def test_a_clip_that_fits_stays_whole() -> None:
    samples = tone(5)
    ((offset, whole),) = pieces(samples, 28.0)
    assert offset == 0
    assert np.array_equal(whole, samples)


def test_a_long_clip_is_split_at_its_quietest_moment_and_nothing_is_lost() -> None:
    samples = np.concatenate([tone(20), silence(0.1), tone(20)])
    found = pieces(samples, 28.0)
    assert np.array_equal(np.concatenate([piece for _, piece in found]), samples)
    assert abs(found[1][0] - 20.05) < 0.06
    assert all(len(piece) <= 28 * SAMPLE_RATE_HERTZ for _, piece in found)
