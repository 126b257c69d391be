"""Words cut by the edge of their clip."""

import numpy as np

from services.transcription.edges import cut_edge_level
from services.transcription.recognition import Samples
from tests.speech import noise, silence, tone
from tests.unit.transcription.hearing import heard


def level(samples: Samples, *, start: float, end: float) -> float | None:
    """Of a clip that starts at 100 s, with words from `start` to `end` of it."""
    recognition = heard("some words", start=100 + start, end=100 + end)
    return cut_edge_level(samples, recognition, start_seconds=100.0, closeness_seconds=0.25)


def test_speech_that_fades_into_a_pause_is_not_cut() -> None:
    clip = np.concatenate([silence(0.2), tone(2), silence(0.2)])
    assert level(clip, start=0.2, end=2.2) is None


def test_speech_that_goes_on_at_the_edge_is_cut() -> None:
    clip = np.concatenate([silence(0.5), tone(2)])
    found = level(clip, start=0.5, end=2.5)
    assert found is not None
    assert abs(found) < 1


def test_background_noise_at_the_edge_is_no_cut_word() -> None:
    clip = np.concatenate([silence(0.3), tone(2), silence(0.3)]) + noise(2.6, rms=0.1)
    assert level(clip, start=0.2, end=2.4) is None


def test_a_sound_at_the_edge_that_no_word_touches_does_not_count() -> None:
    clip = np.concatenate([silence(0.5), tone(2), silence(1.0), tone(0.1)])
    assert level(clip, start=0.5, end=2.5) is None


def test_no_words_and_no_sound_cut_nothing() -> None:
    assert cut_edge_level(silence(0), heard("a"), start_seconds=0, closeness_seconds=1) is None
    assert cut_edge_level(tone(1), heard(""), start_seconds=0, closeness_seconds=1) is None
