"""Language tags as containers hold them."""

import pytest

from services.media.languages import bcp47_of, primary_of


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("eng", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("en-us", "en-US"),
        ("pt_BR", "pt-BR"),
        ("chi", "zh"),
        ("iw", "he"),
        (" jpn ", "ja"),
    ],
)
def test_tags_of_any_age_become_bcp47(tag: str, expected: str) -> None:
    assert bcp47_of(tag) == expected


@pytest.mark.parametrize("tag", ["", "und", "mul", "zxx", "mis", "English", "e n", "xx", "\0", "-"])
def test_what_names_no_language_is_no_language(tag: str) -> None:
    assert bcp47_of(tag) == ""


def test_the_primary_language_is_without_its_region() -> None:
    assert primary_of("pt-BR") == "pt"
    assert primary_of("en") == "en"
