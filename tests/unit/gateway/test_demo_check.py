"""How the demo scores a dataset, and speech."""

import wave
from pathlib import Path

import pytest

from gateway.demo.check import Score, Speech, normalised, score, total, word_error_rate
from gateway.demo.cloning import references

SAID = [Speech(1, 3, "Press one now."), Speech(4, 6, "Good-bye, friend!")]


def test_clips_that_hold_what_was_said_are_perfect() -> None:
    clips = [Speech(0.9, 6.1, "press 1 now goodbye")]
    joined = [Speech(0.9, 3.1, "Press 1 now"), Speech(3.9, 6.1, "good bye friend")]
    assert score(SAID, joined, set(joined)) == Score(4, 4, 6, 0)
    assert score(SAID, clips, set(clips)).error_count == 3


def test_a_prompt_that_is_spread_over_clips_is_compared_as_one() -> None:
    clips = [Speech(0.9, 2, "press"), Speech(2, 3.1, "one now"), Speech(3.9, 6, "good bye friend")]
    found = score(SAID, clips, set(clips))
    assert (found.word_count, found.error_count) == (6, 0)


def test_a_clip_that_was_rejected_costs_speech_and_not_words() -> None:
    clips = [Speech(1, 3, "press one now"), Speech(4, 6, "")]
    found = score(SAID, clips, {clips[0]})
    assert found.kept_ratio == pytest.approx(0.5)
    assert found.word_error_rate == 0
    assert not found.is_good


def test_words_where_nothing_was_said_are_errors() -> None:
    clips = [Speech(1, 3, "press one now"), Speech(8, 9, "thank you")]
    assert score(SAID, clips, set(clips)).error_count == 2


def test_an_empty_dataset_is_no_good() -> None:
    assert not total([score(SAID, [], set())]).is_good


def test_case_punctuation_and_spelling_of_numbers_do_not_count() -> None:
    assert normalised("It\N{RIGHT SINGLE QUOTATION MARK}s 12 o'clock, e-mail!") == (
        "it's twelve o'clock e mail"
    )


def test_one_wrong_word_of_four_is_a_quarter() -> None:
    assert word_error_rate("One, two, three - four!", "1 two three floor") == 0.25
    assert word_error_rate("Nobody said it.", "nobody said it") == 0


def test_the_longest_clips_of_a_dataset_show_its_voice(tmp_path: Path) -> None:
    for name, seconds in (("a", 2), ("b", 5), ("c", 1), ("d", 4)):
        (tmp_path / "wavs").mkdir(exist_ok=True)
        with wave.open(str(tmp_path / "wavs" / f"{name}.wav"), "wb") as clip:
            clip.setparams((1, 2, 100, 0, "NONE", ""))
            clip.writeframes(bytes(200 * seconds))
    assert [clip.stem for clip in references(tmp_path)] == ["b", "d", "a"]
