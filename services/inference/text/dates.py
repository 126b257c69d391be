# ruff: noqa: RUF001 - many scripts share shapes
"""Says dates and times of day."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from babel.dates import format_date, get_month_names

from services.inference.text import numbers
from services.inference.text.figures import locale_of
from services.inference.text.languages import primary
from services.inference.text.months import say_short_months

_ISO = re.compile(r"(?<![\d-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d-])(?:T(?=\d\d:))?")
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?![\d/-])")
_MONTHS_COUNT = 12
_DAY_RULES: Mapping[str, str] = {
    "de": "n",
    "ru": "neuter-genitive",
    "hu": "verbose",
    "en": "verbose",
}
"""How CLDR calls the ordinals that days of a month are said with, in languages that do so."""
_FIRST_DAYS: Mapping[str, str] = {"fr": "premier", "it": "primo", "pt": "primeiro"}
"""Where only the first day is an ordinal."""
_RUSSIAN_YEARS: Mapping[str, str] = {
    "год": "masculine",
    "года": "masculine-genitive",
    "году": "masculine-locative",
}
_RUSSIAN_YEAR = re.compile(r"(?<!\d)(\d{4}) (года|году|год)\b")
_RUSSIAN_SHORT_YEAR = re.compile(r"(\b[Вв] )?(?<![\d.,])(\d{4})\s?г\.(?!\w)")
_CHINESE_YEAR = re.compile(r"(?<!\d)(\d{2,4})(?=年)")
_HUNGARIAN_YEAR = re.compile(r"(?<!\d)(\d{4})\.(?=\s+[^\W\d_])")


def say_dates(text: str, language_code: str) -> str:
    """Returns `text` with numeric dates as the language spells them, and days in words."""
    text = _ISO.sub(lambda f: _long(f[0], (f[1], f[3], f[4]), language_code), text)
    text = _NUMERIC.sub(lambda f: _numeric(f, language_code), text)
    text = say_short_months(text, language_code)
    match primary(language_code):
        case "ru":
            text = _RUSSIAN_SHORT_YEAR.sub(_russian_year_in_full, text)
            text = _RUSSIAN_YEAR.sub(lambda f: _russian_year(int(f[1]), f[2]), text)
        case "zh":
            text = _CHINESE_YEAR.sub(lambda f: numbers.digits(f[1], language_code), text)
        case "hu":
            text = _HUNGARIAN_YEAR.sub(r"\1", text)
    return _say_days(text, language_code)


def _numeric(found: re.Match[str], language_code: str) -> str:
    first, second = found[1], found[3]
    short = str(locale_of(language_code).date_formats["short"].pattern)
    is_month_first = found[2] != "." and short.find("M") < short.find("d") and short[0] != "y"
    if (is_month_first and int(first) <= _MONTHS_COUNT) or int(second) > _MONTHS_COUNT:
        first, second = second, first
    return _long(found[0], (found[4], second, first), language_code)


def _long(written: str, parts: tuple[str, str, str], language_code: str) -> str:
    year, month, day = map(int, parts)
    try:
        said = format_date(date(year, month, day), format="long", locale=locale_of(language_code))
    except ValueError:
        return written
    after = " " if written.endswith("T") else ""
    return re.sub(r"\s*г\.$", " года", " ".join(said.split())) + after


def _say_days(text: str, language_code: str) -> str:
    language = primary(language_code)
    if language not in _DAY_RULES and language not in _FIRST_DAYS:
        return text
    months = _months(language_code)
    dot = r"\.?" if language in {"de", "hu"} else r"(?:st|nd|rd|th|er)?"
    day = rf"(?<![\d.,:/-])(\d{{1,2}}){dot}"
    before = re.compile(rf"{day}(?=\s+(?:de |of )?(?:{months})\b)", re.IGNORECASE)
    text = before.sub(lambda found: _day(found[1], found[0], language_code), text)
    if language in {"en", "hu"}:
        after = re.compile(rf"\b({months})\s+(\d{{1,2}}){dot}(?![\w:]|[.,/]\d)", re.IGNORECASE)
        text = after.sub(lambda f: f"{f[1]} {_day(f[2], f[2], language_code)}", text)
    return text


def _day(number: str, written: str, language_code: str) -> str:
    language = primary(language_code)
    if language in _DAY_RULES:
        return numbers.ordinal(int(number), language_code, ending=_DAY_RULES[language])
    return _FIRST_DAYS[language] if int(number) == 1 else written


@cache
def _months(language_code: str) -> str:
    locale = locale_of(language_code)
    names = {
        name.rstrip(".")
        for context in ("format", "stand-alone")
        for name in get_month_names("wide", context=context, locale=locale).values()
    }
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _russian_year_in_full(found: re.Match[str]) -> str:
    """Returns a year with its short word in full, in the case that what stands before asks for."""
    stop = "" if found.string[found.end() :].strip("\"'”’»)] ") else "."
    return f"{found[1] or ''}{found[2]} {'году' if found[1] else 'года'}{stop}"


def _russian_year(number: int, word: str) -> str:
    return f"{numbers.ordinal(number, 'ru', ending=_RUSSIAN_YEARS[word])} {word}"
