"""The languages of tracks, from whatever a container's author wrote into the tag."""

from langcodes import standardize_tag, tag_is_valid
from langcodes.tag_parser import LanguageTagError

NO_LANGUAGE = frozenset({"und", "mis", "mul", "zxx"})
"""ISO 639-2 codes that name no single language: undetermined, uncoded, multiple, none."""


def bcp47_of(tag: str) -> str:
    """Returns a language tag in its BCP-47 form ("eng" -> "en"), or "" when it names none."""
    try:
        standard = standardize_tag(tag.strip()) if tag_is_valid(tag.strip()) else ""
    except LanguageTagError:
        return ""
    return "" if standard.partition("-")[0] in NO_LANGUAGE else standard


def primary_of(language_code: str) -> str:
    """Returns the language itself, without script and region: "pt" of "pt-BR"."""
    return language_code.partition("-")[0]
