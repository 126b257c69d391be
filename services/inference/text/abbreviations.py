# ruff: noqa: RUF001 - many scripts share shapes
"""Abbreviations: which dots end no sentence, and what the short forms are spoken as."""

import re
from collections.abc import Mapping
from functools import cache

from services.inference.text.months import short_months
from services.inference.text.short_forms import (
    SPOKEN,
    SPOKEN_AFTER_NAMES,
    SPOKEN_AT_ENDS,
    SPOKEN_BEFORE_NUMBERS,
    SPOKEN_WITHOUT_DOTS,
)

_INITIALS = re.compile(r"(?:\w\.)*\w")
_NAME_BEFORE = re.compile(r"(?:\b[A-Z][\w'-]*|\d(?:st|nd|rd|th)) $")
_ADDRESS_BEFORE = re.compile(
    r"\b(?:\d+|along|at|down|from|near|of|off|on|to|up) (?:[A-Z][\w'-]* ){1,3}$"
)
"""As people are called doctor in the same places, such as after a greeting."""


def ends_no_sentence(word: str, language: str, following: str) -> bool:
    """Says whether a dot after `word` is the word's own, and not the end of a sentence.

    `following` is the first letter or digit of the next word.
    """
    lower = word.casefold()
    if lower in SPOKEN_AT_ENDS.get(language, {}):
        return False
    if lower in SPOKEN.get(language, {}):
        return True
    if lower in SPOKEN_BEFORE_NUMBERS.get(language, {}) or word in short_months(language):
        return following.isdigit()
    is_initials = _INITIALS.fullmatch(word) is not None and not word[-1].isdigit()
    return is_initials and not (language == "en" and word == "I")


def expand(text: str, language: str) -> str:
    """Returns `text` with its abbreviations said in full; a dot that ends the text stays."""
    for contraction, words in SPOKEN_WITHOUT_DOTS.get(language, {}).items():
        dot = r"|\." if contraction.casefold() in SPOKEN.get(language, {}) else ""
        pattern = rf"(?<!\w){re.escape(contraction)}(?![^\W\d]{dot})"
        text = re.sub(pattern, words, text, flags=re.IGNORECASE)
    table, spoken, before_numbers = _table(language)
    at_ends = SPOKEN_AT_ENDS.get(language, {})
    after_names = SPOKEN_AFTER_NAMES.get(language, {})
    if table is None:
        return text

    def say(found: re.Match[str]) -> str:
        if text[found.end() :][:1].islower():
            return found[0]  # the middle of a word, such as gen.py
        short = found[1].casefold()
        rest = text[found.end() :].strip("\"'”’»)] ")
        words = before_numbers.get(short) if rest[:1].isdigit() else None
        if short in after_names and not rest[:1].isupper() and _is_after_name(text, found):
            words = after_names[short]
        words = words or spoken.get(short)
        if words is None:
            return found[0]
        if found[1][0].isupper():
            words = words[0].upper() + words[1:]
        ends_sentence = not rest or (short in at_ends and rest[0].isupper())
        gap = " " if text[found.end() :][:1].isalpha() else ""
        return words + ("." if ends_sentence else gap)

    return table.sub(say, text)


def _is_after_name(text: str, found: re.Match[str]) -> bool:
    """Says whether a capital short form follows the name of a road, or an ordinal such as 5th."""
    before = _ADDRESS_BEFORE if found[1] == "Dr" else _NAME_BEFORE
    return found[1][0].isupper() and before.search(text, 0, found.start()) is not None


@cache
def _table(language: str) -> tuple[re.Pattern[str] | None, dict[str, str], Mapping[str, str]]:
    spoken = {**SPOKEN.get(language, {}), **SPOKEN_AT_ENDS.get(language, {})}
    before_numbers = SPOKEN_BEFORE_NUMBERS.get(language, {})
    keys = sorted({*spoken, *before_numbers}, key=len, reverse=True)
    if not keys:
        return None, spoken, before_numbers
    choice = "|".join(re.escape(key) for key in keys)
    # No end of another word, such as "21st.".
    table = re.compile(rf"(?<![^\W_²³])(?<![^\W\d_]\.)({choice})\.", re.IGNORECASE)
    return table, spoken, before_numbers
