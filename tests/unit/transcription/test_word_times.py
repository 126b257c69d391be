"""The times of words."""

from services.transcription.recognition import Word
from services.transcription.word_times import trimmed


def words(*times: tuple[float, float]) -> list[Word]:
    return [Word(f"word{i}", start, end, 0.9) for i, (start, end) in enumerate(times)]


def test_the_pauses_around_the_words_are_taken_from_the_outer_words() -> None:
    found = trimmed(words((0.0, 2.3), (2.3, 2.5), (2.5, 2.7), (2.7, 2.9), (2.9, 4.0)), 4.0)
    assert found[0].start_seconds > 0.8
    assert found[0].end_seconds == 2.3
    assert found[-1].start_seconds == 2.9
    assert found[-1].end_seconds < 4.0


def test_inner_words_keep_their_times() -> None:
    found = trimmed(words((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)), 1.0)
    assert [(w.start_seconds, w.end_seconds) for w in found] == [(0.0, 0.3), (0.3, 0.7), (0.7, 1.0)]


def test_no_word_goes_past_the_audio() -> None:
    found = trimmed(words((0.0, 0.5), (0.5, 1.2)), 1.0)
    assert found[-1].end_seconds == 1.0


def test_no_words_stay_no_words() -> None:
    assert trimmed([], 1.0) == ()
