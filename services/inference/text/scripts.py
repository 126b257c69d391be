"""Scripts: what a language is written in, and how long its characters take to say."""

import unicodedata
from collections.abc import Mapping
from functools import cache

LATIN = "LATIN"
WRITTEN_IN: Mapping[str, frozenset[str]] = {
    "ar": frozenset({"ARABIC"}),
    "hi": frozenset({"DEVANAGARI"}),
    "ja": frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}),
    "ko": frozenset({"HANGUL", "CJK"}),
    "ru": frozenset({"CYRILLIC"}),
    "zh": frozenset({"CJK", "BOPOMOFO", "IDEOGRAPHIC"}),
}
"""By primary language, beside Latin letters, which stand in texts of all languages."""

SYLLABLE_SECONDS = 0.16
"""A little over six syllables a second, the mean over languages of Pellegrino, Coupé and Marsico
(2011), "A cross-language perspective on speech information rate", table 2."""
_SYLLABLES: Mapping[str, float] = {
    "CJK": 1.4,  # one in Chinese, two morae or so in Japanese
    "HANGUL": 1.0,
    "HIRAGANA": 0.8,
    "KATAKANA": 0.8,
    "KATAKANA-HIRAGANA": 0.8,
    "DEVANAGARI": 0.5,
    "ARABIC": 0.55,  # short vowels are not written
}
_SYLLABLES_ELSEWHERE = 0.42
"""Alphabets take between two and three letters for a syllable."""


@cache
def script_of(letter: str) -> str:
    """Returns the script of a letter as Unicode names it, such as CYRILLIC; "" for none."""
    return unicodedata.name(letter, "").split(" ", 1)[0] if letter.isalpha() else ""


def is_readable(letter: str, language: str) -> bool:
    """Says whether who reads `language`, a primary subtag, reads this letter."""
    script = script_of(letter)
    return script == LATIN or script in WRITTEN_IN.get(language, frozenset())


def syllables(letter: str) -> float:
    """Returns about how many syllables a letter is."""
    return _SYLLABLES.get(script_of(letter), _SYLLABLES_ELSEWHERE)
