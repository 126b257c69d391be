"""How texts are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.speech.text import (
    characters_per_second,
    corpus_word_error_rate,
    normalised_words,
    word_error_rate,
)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Press STAR, now!", ["press", "star", "now"]),
        ("re-enter the pass\u2011word", ["re", "enter", "the", "pass", "word"]),
        ("I’m ‘here’", ["i'm", "here"]),  # noqa: RUF001 - the typographic quotes are the point
        ("Straße", ["strasse"]),
        ("  ...  ", []),
        ("", []),
    ],
)
def test_case_punctuation_and_hyphens_do_not_count(written: str, compared: list[str]) -> None:
    assert normalised_words(written) == compared


def test_a_digit_equals_its_name_in_a_known_language_only() -> None:
    assert normalised_words("Press 1", language="en-US") == ["press", "one"]
    assert normalised_words("pulse 1", language="es") == ["pulse", "uno"]
    assert normalised_words("press 1", language="ru") == ["press", "1"]
    assert normalised_words("call 911", language="en") == ["call", "911"]


def test_a_character_is_a_word_where_no_spaces_are_written() -> None:
    assert normalised_words("你好 吗", language="zh-CN") == ["你", "好", "吗"]


def test_each_kind_of_edit_counts_one_per_word_of_the_reference() -> None:
    assert word_error_rate("one two three four", "one two three four") == 0
    assert word_error_rate("one two three four", "one too three four") == 0.25
    assert word_error_rate("one two three four", "one three four") == 0.25
    assert word_error_rate("one two three four", "one two three and four") == 0.25


def test_an_empty_reference_is_met_by_silence_only() -> None:
    assert word_error_rate("", "") == 0
    assert word_error_rate("", "you") == 1


def test_the_rate_of_a_corpus_weighs_texts_by_their_words() -> None:
    assert corpus_word_error_rate(["a b c d e f g h i", "j"], ["a b c d e f g h i", "k"]) == 0.1


def test_a_missing_hypothesis_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        corpus_word_error_rate(["one", "two"], ["one"])


def test_only_letters_and_digits_count_as_said() -> None:
    assert characters_per_second("a, b!", 2.0) == 1.0
    assert characters_per_second("anything", 0.0) == 0.0


@given(st.text(max_size=60), st.sampled_from(["", "en", "zh", "it"]))
def test_normalising_twice_changes_nothing(text: str, language: str) -> None:
    once = normalised_words(text, language=language)
    assert normalised_words(" ".join(once), language=language) == once
