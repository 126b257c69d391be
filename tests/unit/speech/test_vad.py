"""Probabilities become regions of speech."""

import numpy as np
import pytest

from services.speech.regions import FRAME_SAMPLES, Region, speech_regions


def frames(*counts: tuple[int, float]) -> list[float]:
    return [probability for count, probability in counts for _ in range(count)]


def test_speech_is_found_between_its_edges() -> None:
    found = speech_regions(frames((10, 0.0), (20, 0.9), (10, 0.1)))
    assert found == [Region(10 * FRAME_SAMPLES, 30 * FRAME_SAMPLES)]


def test_speech_up_to_the_end_is_closed_there() -> None:
    found = speech_regions(frames((5, 0.0), (20, 0.9)))
    assert found == [Region(5 * FRAME_SAMPLES, 25 * FRAME_SAMPLES)]


def test_a_pause_of_one_frame_does_not_split_speech() -> None:
    found = speech_regions(frames((10, 0.9), (1, 0.0), (10, 0.9), (9, 0.0)))
    assert found == [Region(0, 21 * FRAME_SAMPLES)]


def test_a_pause_of_half_a_second_splits_speech() -> None:
    found = speech_regions(frames((10, 0.9), (16, 0.0), (10, 0.9), (9, 0.0)))
    assert [region.start for region in found] == [0, 26 * FRAME_SAMPLES]


def test_doubtful_frames_continue_speech_but_do_not_start_it() -> None:
    assert speech_regions(frames((30, 0.4))) == []
    found = speech_regions(frames((10, 0.9), (10, 0.4), (10, 0.0)))
    assert found == [Region(0, 20 * FRAME_SAMPLES)]


def test_a_click_is_not_speech() -> None:
    assert speech_regions(frames((10, 0.0), (2, 0.9), (10, 0.0))) == []


@pytest.mark.parametrize("probabilities", [[], np.zeros(0, np.float32)])
def test_nothing_holds_no_speech(probabilities: list[float]) -> None:
    assert speech_regions(probabilities) == []
