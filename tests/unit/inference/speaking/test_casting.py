"""From a request's wishes to a voice and a language."""

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.speaking.casting import language_spoken, voice_wanted
from services.inference.speaking.options import SpeechOptions

XTTS = frozenset({"en", "pt", "zh-CN", "ja"})


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_us", "en"),
        ("pt-BR", "pt"),
        ("zh", "zh-CN"),
        ("zh-cn", "zh-CN"),
        ("zh-TW", "zh-CN"),
    ],
)
def test_a_language_is_found_under_its_other_names(asked: str, spoken: str) -> None:
    assert language_spoken(asked, XTTS, "xtts") == spoken


def test_a_model_of_one_language_need_not_be_told() -> None:
    assert language_spoken("", {"en"}, "joe") == "en"


def test_an_exact_match_goes_before_a_near_one() -> None:
    assert language_spoken("pt-BR", {"pt", "pt-BR"}, "x") == "pt-BR"
    assert language_spoken("pt-PT", {"pt", "pt-BR"}, "x") == "pt"


@pytest.mark.parametrize("asked", ["sw", "", "english"])
def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(asked: str) -> None:
    with pytest.raises(InvalidInputError, match="en, ja, pt, zh-CN") as refused:
        language_spoken(asked, XTTS, "xtts")
    assert refused.value.reason == "UNSUPPORTED_LANGUAGE"
    assert refused.value.field == "options.language_code"


def test_a_model_alone_means_its_own_voice() -> None:
    assert voice_wanted(SpeechOptions(), "joe") == "joe"
    assert voice_wanted(SpeechOptions(model="ann"), "joe") == "ann"
    assert voice_wanted(SpeechOptions(voice_id="me", model="ann"), "joe") == "me"
