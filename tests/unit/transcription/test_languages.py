"""Tags and codes of languages."""

import pytest

from services.chassis.errors import InvalidInputError
from services.transcription.languages import (
    checked_code,
    checked_tag,
    mean_probability,
    most_probable,
    whisper_code,
)


def test_regions_do_not_matter_and_whispers_own_codes_are_known() -> None:
    assert whisper_code("en-GB") == "en"
    assert whisper_code("PT-br") == "pt"
    assert whisper_code("jv") == "jw"


@pytest.mark.parametrize("tag", ["english!", "e", "en_US", "1"])
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInputError, match="BCP-47") as caught:
        checked_tag(tag)
    assert caught.value.field == "language_code"


def test_an_english_only_model_refuses_another_language_and_says_what_to_do() -> None:
    with pytest.raises(InvalidInputError, match=r"'tiny.en' does not know.*multilingual"):
        checked_code("es", {"en"}, model="tiny.en")
    assert checked_code("en-US", {"en"}, model="tiny.en") == "en"


def test_the_language_of_a_recording_is_the_most_probable_over_its_cuts() -> None:
    cuts = [{"en": 0.6, "de": 0.4}, {"de": 0.9, "en": 0.1}, {}]
    assert most_probable(cuts) == ("de", 0.65)
    assert mean_probability(cuts, "en") == 0.35


def test_nothing_is_known_of_the_language_when_no_cut_was_asked() -> None:
    assert most_probable([]) == ("", 0.0)
    assert mean_probability([{}], "en") == 0.0
