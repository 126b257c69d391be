"""Which texts are trusted."""

from dataclasses import replace

import pytest

from services.transcription.settings import TranscriptionSettings
from services.transcription.verdict import Evidence, disagreement_reasons, is_doubtful, reasons
from services.transcription.verifying import thresholds

LIMITS = thresholds(TranscriptionSettings.model_construct())
TEXT = "Please enter your agent number followed by the pound key."
GOOD = Evidence(
    text=TEXT,
    recognised_text=TEXT,
    duration_seconds=4.0,
    confidence=0.93,
    lowest_word_confidence=0.6,
    no_speech_probability=0.05,
)


def codes(evidence: Evidence, *, wanted: str = "en") -> list[str]:
    return [reason.code for reason in reasons(evidence, LIMITS, wanted_language=wanted)]


def test_a_good_text_is_accepted_and_not_doubted() -> None:
    assert codes(GOOD) == []
    assert not is_doubtful(GOOD, LIMITS)


def test_uncertain_words_are_rejected_with_the_value_and_the_threshold() -> None:
    (reason,) = reasons(replace(GOOD, confidence=0.42), LIMITS, wanted_language="en")
    assert reason.code == "LOW_CONFIDENCE"
    assert "0.42" in reason.message
    assert "0.60" in reason.message


@pytest.mark.parametrize("heard", ["", "...", ". . ."])
def test_no_words_are_no_speech(heard: str) -> None:
    assert codes(replace(GOOD, text=heard, recognised_text=heard)) == ["NO_SPEECH"]


def test_a_text_over_probable_silence_is_no_speech_unless_its_words_are_certain() -> None:
    silent = replace(GOOD, no_speech_probability=0.9)
    assert codes(replace(silent, confidence=0.7)) == ["NO_SPEECH"]
    assert codes(silent) == []


def test_another_language_counts_only_when_it_is_probable_and_one_was_wanted() -> None:
    spanish = replace(GOOD, language="es", language_probability=0.9)
    assert codes(spanish) == ["WRONG_LANGUAGE"]
    assert codes(spanish, wanted="es") == []
    assert codes(spanish, wanted="") == []
    assert codes(replace(spanish, language_probability=0.3)) == []


@pytest.mark.parametrize(
    "text",
    [
        "thank you for watching " * 12,
        "we go round we go round we go round we go round then stop",
    ],
)
def test_a_text_that_goes_round_is_a_repetition(text: str) -> None:
    assert codes(replace(GOOD, text=text, recognised_text=text, duration_seconds=15)) == [
        "REPETITION"
    ]


def test_a_menu_that_says_press_several_times_is_no_repetition() -> None:
    menu = "Press one for sales, press two for support, press three for help, press four to leave."
    assert codes(replace(GOOD, text=menu, recognised_text=menu)) == []


@pytest.mark.parametrize("duration", [0.8, 40.0])
def test_a_rate_nobody_speaks_at_was_made_up(duration: float) -> None:
    assert codes(replace(GOOD, duration_seconds=duration)) == ["HALLUCINATION"]


def test_a_loud_edge_that_a_word_touches_is_a_cut_word() -> None:
    assert codes(replace(GOOD, cut_edge_level_decibels=-3.0)) == ["CUT_WORD"]
    assert codes(replace(GOOD, cut_edge_level_decibels=-35.0)) == []


def test_subtitles_that_say_something_else_are_caught() -> None:
    wrong = replace(GOOD, text="Our offices are closed on public holidays in winter.")
    assert codes(wrong) == ["SUBTITLE_MISMATCH"]
    assert codes(replace(GOOD, text=TEXT.replace("agent", "agents"))) == []
    assert codes(replace(GOOD, text="")) == ["EMPTY"]


def test_only_uncertain_texts_are_decoded_again() -> None:
    assert is_doubtful(replace(GOOD, confidence=0.7), LIMITS)
    assert is_doubtful(replace(GOOD, lowest_word_confidence=0.1), LIMITS)


def test_a_second_decoding_that_says_something_else_is_a_disagreement() -> None:
    assert disagreement_reasons(0.1, LIMITS) == []
    assert [reason.code for reason in disagreement_reasons(0.5, LIMITS)] == ["DISAGREEMENT"]
