"""Says times of day."""

import re

from services.inference.text import numbers
from services.inference.text.languages import primary
from services.inference.text.vocabulary import vocabulary

_CLOCK = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:\s?([ap])\.?\s?m\b\.?)?"
    r"(?:\s(?:Uhr|h|uur)\b)?",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(?:(?<=\d)|(?<=[ap]m)|(?<=[ap]\.m\.))\s?[–—-]\s?"  # noqa: RUF001 - dashes
    r"(?=\d{1,2}(?::\d\d(?!\d)|\s?[ap]\.?m\b|(?:\.\d\d)?\s?Uhr\b))",
    re.IGNORECASE,
)
"""The dash between two times."""
_HALF_DAY = re.compile(r"(?<![\d:.,$€£-])(1[0-2]|0?[1-9])\s?([ap])\.?m\b\.?", re.IGNORECASE)
_FRENCH = re.compile(r"(?<![\d:.])([01]?\d|2[0-4])\s?h\s?([0-5]\d)?\b")
_GERMAN = re.compile(r"(?<![\d:.])([01]?\d|2[0-4])(?:\.([0-5]\d))?\s?Uhr\b")
_WITH_HOURS = {"fr": _FRENCH, "pt": _FRENCH, "de": _GERMAN}
FIRST_PLAIN_MINUTE = 10
"""Minutes before it are said with a zero in English: "nine oh five"."""
_NO_MINUTES = re.compile(r"\s*(?:e|y)?\s*\{minute\}.*$")


def say_times(text: str, language_code: str) -> str:
    """Returns `text` with times of day in words; what looks like a ratio stays."""
    text = _SPAN.sub(f" {vocabulary(primary(language_code)).to} ", text)
    text = _CLOCK.sub(lambda found: _clock(found, language_code), text)
    language = primary(language_code)
    if language in _WITH_HOURS:
        text = _WITH_HOURS[language].sub(
            lambda found: _said(int(found[1]), int(found[2] or 0), language_code), text
        )
    return _HALF_DAY.sub(lambda found: _half_day(found, language_code), text)


def _clock(found: re.Match[str], language_code: str) -> str:
    hour, minute, second, half = int(found[1]), int(found[2]), found[3], found[4]
    said = _said(hour, minute, language_code, has_half=half is not None)
    if second:
        said = f"{said} {numbers.cardinal(int(second), language_code)}"
    return f"{said} {half.upper()} M{_stop(found)}" if half else said


def _half_day(found: re.Match[str], language_code: str) -> str:
    return f"{numbers.cardinal(int(found[1]), language_code)} {found[2].upper()} M{_stop(found)}"


def _stop(found: re.Match[str]) -> str:
    """Returns the stop that an abbreviation at the end of a text shares with its sentence."""
    rest = found.string[found.end() :].strip("\"')”’ ")  # noqa: RUF001 - quotation marks
    return "." if found[0].endswith(".") and not rest[:1].islower() else ""


def _said(hour: int, minute: int, language_code: str, *, has_half: bool = False) -> str:
    hours = numbers.count(hour, language_code)
    minutes = numbers.cardinal(minute, language_code)
    if primary(language_code) == "en":
        if minute == 0:
            return hours if has_half else f"{hours} o'clock"
        return f"{hours} {minutes}" if minute >= FIRST_PLAIN_MINUTE else f"{hours} oh {minutes}"
    pattern = vocabulary(primary(language_code)).time
    if minute == 0:
        pattern = _NO_MINUTES.sub("", pattern)
    return pattern.format(hour=hours, minute=minutes)
