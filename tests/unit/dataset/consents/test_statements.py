"""What a speaker has to say, and how much of it was heard."""

import pytest

from services.dataset.consents.statements import WORDINGS, match_ratio, names_alike, wording

HEARD = (
    "Okay. I, Chevonne O'Neal, am the owner of this voice. I agree that synthetic speech is made "
    "with my voice and I know that I can withdraw my consent at any time. Thanks!"
)


@pytest.mark.parametrize("language_code", [*WORDINGS, "pt-BR"])
def test_each_wording_matches_itself_and_names_the_speaker(language_code: str) -> None:
    statement = wording("Ada Lovelace", language_code)
    assert statement is not None
    assert "Ada Lovelace" in statement
    assert match_ratio("Ada Lovelace", language_code, statement) == 1


def test_there_is_no_wording_in_a_language_nobody_wrote_one_for() -> None:
    assert wording("Ada Lovelace", "tlh") is None


def test_words_around_it_and_a_misspelt_name_do_no_harm() -> None:
    assert match_ratio("Siobhán O'Neill", "en", HEARD) == 1


def test_half_of_the_words_are_half_a_match() -> None:
    half = " ".join(HEARD.split()[:17])
    assert match_ratio("Siobhán O'Neill", "en", half) == pytest.approx(0.5, abs=0.07)


def test_the_same_words_in_another_order_are_not_the_statement() -> None:
    backwards = " ".join(reversed(HEARD.split()))
    assert match_ratio("Siobhán O'Neill", "en", backwards) < 0.4


@pytest.mark.parametrize("language_code", WORDINGS)
@pytest.mark.parametrize("speaker_name", ["Mary Johnson", "Ada Lovelace", "Hans Müller"])
def test_another_persons_name_is_not_the_speakers(language_code: str, speaker_name: str) -> None:
    statement = wording("Bob Fitzgerald", language_code)
    assert statement is not None
    assert not names_alike(speaker_name, language_code, statement)
    assert names_alike("Rob Fitzgerold", language_code, statement)


def test_silence_matches_nothing() -> None:
    assert match_ratio("Ada Lovelace", "en", "") == 0
    assert not names_alike("Ada Lovelace", "en", "")
