"""Short names of months: "Jan. 5", "5. Sept."."""

import re
from collections.abc import Mapping
from functools import cache

from babel.dates import get_month_names

from services.inference.text.figures import locale_of
from services.inference.text.languages import primary

_DOTTED = frozenset({"fr", "hu", "ru"})
"""Languages whose short names are words of another sense without their dots, as French "sept"."""
_UNDOTTED = frozenset({"de", "en"})
_ALSO: Mapping[str, Mapping[str, int]] = {"en": {"Sept": 9}, "de": {"Sep": 9}}


@cache
def short_months(language_code: str) -> Mapping[str, str]:
    """Returns what the short names, without dots, stand for; none where they are too like words."""
    language = primary(language_code)
    if language not in _DOTTED | _UNDOTTED:
        return {}
    locale = locale_of(language_code)
    wide = get_month_names("wide", locale=locale)
    short = get_month_names("abbreviated", locale=locale)
    named = {name.rstrip("."): wide[number] for number, name in short.items()}
    named |= {name: wide[number] for name, number in _ALSO.get(language, {}).items()}
    return {name: month for name, month in named.items() if name != month}


def say_short_months(text: str, language_code: str) -> str:
    """Returns `text` with the names of months beside days and years in full."""
    months = short_months(language_code)
    if not months:
        return text

    def say(found: re.Match[str]) -> str:
        ends_text = not found.string[found.end() :].strip("\"'”’»)] ")  # noqa: RUF001 - quotation marks
        stop = "." if found[0].endswith(".") and ends_text else ""
        return f"{found[1]}{months[found[2]]}{stop}"

    before_number, after_number = _patterns(language_code)
    return after_number.sub(say, before_number.sub(say, text))


@cache
def _patterns(language_code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    names = sorted(short_months(language_code), key=len, reverse=True)
    dot = r"\." if primary(language_code) in _DOTTED else r"\.?"
    name = rf"({'|'.join(map(re.escape, names))})(?!\w){dot}"
    day = r"(?<![\w.,])(\d{1,2}(?:st|nd|rd|th)?\.?\s+)"
    return re.compile(rf"(?<!\w)(){name}(?=\s+\d{{1,4}}(?!\d))"), re.compile(day + name)
