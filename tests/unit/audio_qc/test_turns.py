"""Posteriors of a window become turns and overlap."""

import numpy as np

from services.audio_qc.voices.turns import Turn, overlapped, turns_in
from tests.speech import Samples


def window(*runs: tuple[int, int]) -> Samples:
    """Posteriors that are sure of a class for so many frames each."""
    classes = np.repeat([each for each, _ in runs], [count for _, count in runs])
    return np.asarray(np.eye(7)[classes], np.float32)


def test_one_speaker_with_pauses_has_one_turn() -> None:
    assert turns_in(window((0, 10), (1, 40), (0, 20), (1, 40))) == [Turn(1, 10, 110)]


def test_speakers_take_turns() -> None:
    assert turns_in(window((1, 40), (0, 5), (2, 40), (1, 30))) == [
        Turn(1, 0, 40),
        Turn(2, 45, 85),
        Turn(1, 85, 115),
    ]


def test_a_word_too_short_to_be_sure_of_does_not_part_a_turn() -> None:
    assert turns_in(window((1, 40), (3, 5), (1, 40))) == [Turn(1, 0, 85)]


def test_overlap_belongs_to_nobody() -> None:
    posteriors = window((1, 40), (4, 20), (2, 40))
    assert turns_in(posteriors) == [Turn(1, 0, 40), Turn(2, 60, 100)]
    assert overlapped(posteriors).sum() == 20


def test_silence_has_no_turns() -> None:
    assert turns_in(window((0, 100))) == []
    assert not overlapped(window((0, 100))).any()
