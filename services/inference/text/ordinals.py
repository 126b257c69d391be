# ruff: noqa: RUF001 - many scripts share shapes
"""Says ordinal numbers: "3rd", "3e", "3.", "3-й"."""

import re
from collections.abc import Mapping

from services.inference.text import numbers
from services.inference.text.languages import DOTTED_ORDINALS, primary

_FEMININE = re.compile(r"ª|re|ère|я|ая|वीं", re.IGNORECASE)
_SUFFIXES: Mapping[str, str] = {
    "en": r"st|nd|rd|th",
    "es": r"\.?[ºª]|er\b",
    "fr": r"ère|ème|eme|er|re|e|nde?",
    "hi": r"वां|वाँ|वीं|वें",
    "hu": r"-?(?:adik|edik|odik|ödik|ik)",
    "it": r"[ºª]",
    "nl": r"de|ste|e",
    "pt": r"\.?[ºª]",
    "ru": r"-?(?:го|му|ый|ий|ой|ая|ое|й|я|е)",
    "tr": r"'?(?:inci|ıncı|uncu|üncü|nci|ncı|ncu|ncü)",
}
_GERMAN_DATIVE = re.compile(r"\b(?:am|vom|zum|beim|im|dem|den|des|ab|seit|bis)\s+$", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![\w.,])(\d{1,2})\.(?=\s+[^\W\d_])")


def say_ordinals(text: str, language_code: str) -> str:
    """Returns `text` with its ordinals in words, where CLDR knows them."""
    language = primary(language_code)
    if language in _SUFFIXES:
        suffixed = re.compile(rf"(?<![\w.,-])(\d{{1,6}})({_SUFFIXES[language]})(?!\w)")
        text = suffixed.sub(lambda found: _suffixed(found, language_code), text)
    if language in DOTTED_ORDINALS:
        text = _DOTTED.sub(lambda found: _dotted(found, language_code), text)
    return text


def _suffixed(found: re.Match[str], language_code: str) -> str:
    ending = "feminine" if _FEMININE.search(found[2]) else ""
    return numbers.ordinal(int(found[1]), language_code, ending=ending)


def _dotted(found: re.Match[str], language_code: str) -> str:
    is_dative = primary(language_code) == "de" and _GERMAN_DATIVE.search(
        found.string, 0, found.start()
    )
    return numbers.ordinal(int(found[1]), language_code, ending="n" if is_dative else "")
