# ruff: noqa: SIM905 - words are easier to read without their quotation marks
"""Says Roman numerals in English, where something tells that letters are one."""

import re

from services.inference.text import numbers
from services.inference.text.vocabulary import ENGLISH

_NUMERAL = r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})(?!\w)"
"""To 39: of L, C, D and M are more abbreviations made than numerals."""
_AFTER_WORD = re.compile(rf"\b([A-Za-z][A-Za-z']*) {_NUMERAL}")
_CENTURY = re.compile(rf"\b{_NUMERAL}(?=(?: |-)centur)")
_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_NUMBERED = frozenset(
    "act appendix article book bowl chapter class episode figure grade level mark page part phase "
    "round scene season section stage table title type version vol volume war".split()
)
_RULERS = frozenset(
    "Albert Alexander Benedict Carlos Catherine Charles Christian Clement Constantine Edward "
    "Elizabeth Emmanuel Felipe Francis Frederick George Gregory Gustav Harald Henry Innocent Ivan "
    "James Juan Leo Leopold Louis Margaret Mary Napoleon Nicholas Otto Paul Peter Philip Pius "
    "Ptolemy Ramses Richard Umberto Urban Victor Wilhelm William".split()
)
_NO_NAMES = frozenset("a an and at by for from in is it of on or that the this to with".split())


def say_roman_numerals(text: str) -> str:
    """Returns `text` with "War II" as "War two" and "Henry VIII" as "Henry the eighth"."""
    text = _CENTURY.sub(lambda found: numbers.ordinal(_value(found[1], found[2]), ENGLISH), text)
    return _AFTER_WORD.sub(_after_word, text)


def _after_word(found: re.Match[str]) -> str:
    word, tens, ones = found.groups()
    number, is_letter = _value(tens, ones), len(tens + ones) == 1
    if word.casefold() in _NUMBERED:
        is_numeral = word[0].isupper() or not is_letter  # "the part I like"
    elif word in _RULERS and (tens + ones == "V" or not is_letter):
        return f"{word} the {numbers.ordinal(number, ENGLISH)}"
    else:
        is_name = word[0].isupper() and word.casefold() not in _NO_NAMES
        is_numeral = is_name and not is_letter
    return f"{word} {numbers.cardinal(number, ENGLISH)}" if is_numeral else found[0]


def _value(tens: str, ones: str) -> int:
    return 10 * len(tens) + _ONES.index(ones)
