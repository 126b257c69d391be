# ruff: noqa: RUF001 - many scripts share shapes
"""Says numbers by the spelling rules of CLDR, with the `unicode-rbnf` package."""

from collections.abc import Sequence
from functools import cache

from unicode_rbnf import RbnfEngine

from services.inference.text.languages import WITHOUT_SPACES, primary
from services.inference.text.vocabulary import ENGLISH, vocabulary

LARGEST = 10**15
"""From here on, digits are said one by one."""
_CARDINAL = ("spellout-numbering", "spellout-cardinal-sinokorean", "spellout-cardinal")
_COUNTING = ("spellout-cardinal-masculine", "spellout-cardinal-neuter", *_CARDINAL)
_COUNTING_GERMAN = ("spellout-cardinal-neuter",)
_ORDINAL = ("spellout-ordinal", "spellout-ordinal-masculine", "spellout-ordinal-sinokorean-count")
_ORDINAL_FEMININE = ("spellout-ordinal-feminine", *_ORDINAL)
_YEAR = {"en", "de", "nl", "zh"}
"""Languages that read years otherwise than numbers."""
_ZEROS = {"zh": ("〇", "零"), "ja": ("〇", "ゼロ")}


def cardinal(number: int, language_code: str) -> str:
    """Returns a whole number of 0 or more in words."""
    return _spelled(number, language_code, _CARDINAL)


def count(number: int, language_code: str) -> str:
    """Returns a number that counts things, as words before their name: German "ein Meter"."""
    rules = _COUNTING_GERMAN if primary(language_code) == "de" else _COUNTING
    return _spelled(number, language_code, rules)


def ordinal(number: int, language_code: str, *, ending: str = "") -> str:
    """Returns "third" for 3; a cardinal where CLDR knows no ordinals (Polish, Czech).

    `ending` is the name of a CLDR rule set, without its beginning, such as "feminine" or "n".
    """
    rules = (f"spellout-ordinal-{ending}", *_ORDINAL) if ending else _ORDINAL
    return _spelled(number, language_code, (*rules, *_CARDINAL))


def year(number: int, language_code: str) -> str:
    """Returns a year as it is read: "nineteen eighty-four"."""
    if primary(language_code) not in _YEAR:
        return cardinal(number, language_code)
    return _spelled(number, language_code, ("spellout-numbering-year", *_CARDINAL))


def decimal(whole: str, fraction: str, language_code: str) -> str:
    """Returns a decimal number, from its digits before and after the mark."""
    point = vocabulary(primary(language_code)).point
    parts = [cardinal(int(whole), language_code), point, digits(fraction, language_code)]
    return _joiner(language_code).join(parts)


def digits(written: str, language_code: str) -> str:
    """Returns digits said one by one."""
    return _joiner(language_code).join(cardinal(int(d), language_code) for d in written)


def _joiner(language_code: str) -> str:
    return "" if primary(language_code) in WITHOUT_SPACES else " "


@cache
def _engine(language_code: str) -> RbnfEngine:
    supported = RbnfEngine.get_supported_languages()
    for code in (language_code.replace("-", "_"), primary(language_code)):
        if code in supported:
            return RbnfEngine.for_language(code)
    return RbnfEngine.for_language(ENGLISH)


def _spelled(number: int, language_code: str, rules: Sequence[str]) -> str:
    if number >= LARGEST:
        return digits(str(number), language_code)
    engine = _engine(language_code)
    for rule in rules:
        if rule in engine.rulesets:
            text = engine.format_number(number, ruleset_names=[rule]).text
            old, new = _ZEROS.get(primary(language_code), ("", ""))
            return " ".join(text.split()).replace(old, new) if old else " ".join(text.split())
    raise LookupError(f"CLDR has none of {rules} for {language_code}")
