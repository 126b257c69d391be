# ruff: noqa: RUF001 - many scripts share shapes
import pytest

from services.inference.text.duration import expected_seconds, longest_seconds
from services.inference.text.phrases import phrases
from services.inference.text.sentences import Sentence
from services.inference.text.speakable import UnspeakableTextError, check_speakable


@pytest.mark.parametrize(
    ("text", "language_code", "reason"),
    [
        ("", "en", "EMPTY_TEXT"),
        (" \n\t\u00a0 ", "en", "EMPTY_TEXT"),
        ("...!? --- «»", "en", "NOTHING_TO_SAY"),
        ("👍🏽🎉 🇩🇪", "en", "NOTHING_TO_SAY"),
        ("\x00\x07\x1b\u200b", "en", "NOTHING_TO_SAY"),
        ("今天天气很好。", "en", "UNREADABLE_SCRIPT"),
        ("Привет, мир!", "de", "UNREADABLE_SCRIPT"),
        ("مرحبا", "hi", "UNREADABLE_SCRIPT"),
        ("ひらがな", "zh-CN", "UNREADABLE_SCRIPT"),
        ("a" * 50_001, "en", "TEXT_TOO_LONG"),
    ],
)
def test_what_cannot_be_spoken_is_refused_with_a_reason(
    text: str, language_code: str, reason: str
) -> None:
    with pytest.raises(UnspeakableTextError) as refused:
        check_speakable(text, language_code, 50_000)

    assert refused.value.reason == reason
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "language_code"),
    [
        ("Hello!", "en"),
        ("5", "en"),
        ("100 %", "de"),
        ("&", "fr"),
        ("今天 iPhone 很贵", "zh-CN"),
        ("今日はカタカナ", "ja"),
        ("The word 你好 means hello.", "en"),
        ("Windows и Linux", "ru"),
        ("１２３", "ja"),
        ("ﬁne", "en"),
        ("مرحبا بالعالم", "ar"),
        ("नमस्ते", "hi"),
        ("안녕하세요", "ko"),
        ("text with a \x07 bell", "en"),
        ("a" * 50_000, "en"),
    ],
)
def test_what_can_be_spoken_is_let_through(text: str, language_code: str) -> None:
    check_speakable(text, language_code, 50_000)


@pytest.mark.parametrize(
    ("text", "spoken_seconds"),
    [
        # Spoken by people at a usual pace.
        ("The quick brown fox jumps over the lazy dog, and then it sleeps.", 4.2),
        ("今天天气很好，我们去公园吧。", 3.0),
        ("안녕하세요, 만나서 반갑습니다.", 2.6),
        ("Сегодня хорошая погода, и мы идём в парк.", 2.9),
    ],
)
def test_the_expected_duration_is_about_right(text: str, spoken_seconds: float) -> None:
    assert expected_seconds(text) == pytest.approx(spoken_seconds, rel=0.35)
    assert longest_seconds(text) > 3 * spoken_seconds * 0.65
    assert longest_seconds(text, speed=2) == pytest.approx(longest_seconds(text) / 2)


def test_a_sentence_that_grows_when_it_is_said_comes_in_parts_that_fit() -> None:
    sentence = Sentence("It is 123456789012345.", 0)

    parts = [phrase.text for phrase in phrases(sentence, "en", 40)]

    assert " ".join(parts) == (
        "It is one two three four five six seven eight nine zero one two three four five."
    )
    assert len(parts) == 2
    assert all(len(part) <= 40 for part in parts)


def test_a_row_of_dashes_is_nothing_to_say() -> None:
    assert not phrases(Sentence("-----", 0), "en", 100)
