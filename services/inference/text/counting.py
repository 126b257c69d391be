"""Says what is left of numbers: ranges, telephone numbers, signs, decades, plain numbers."""

import re
from collections.abc import Mapping

from services.inference.text import numbers
from services.inference.text.figures import number_pattern, say_number
from services.inference.text.languages import primary
from services.inference.text.vocabulary import vocabulary

_PHONE = re.compile(
    r"(?<![\w.,+-])(?:"
    r"\+\d[\d ()./-]{6,18}\d"  # +49 30 1234567
    r"|\(\d{2,5}\)[ -]?\d[\d -]{4,12}\d"  # (030) 123 45 67
    r"|0\d{1,4}[ /-]\d[\d /-]{3,12}\d"  # 030 1234567
    r"|\d{3}[-. ]\d{3}[-. ]\d{4}"  # 555-123-4567
    r"|\d{3}-\d{4}"  # 555-1234
    r"|\d+(?:-\d+){3,}"  # as ISBN and cards
    r"|\d{4}(?: \d{4}){3}"
    r"|\d(?:-\d){2,}"  # 9-1-1
    r")(?![\w-]|[.,]\d)"
)
_RANGE = re.compile(r"(?<=\d)(?:\s?[–—-]\s?(?=[$€£]?\d)|:(?=\d))")  # noqa: RUF001 - dashes
_FEET = re.compile(r"(?<=\d)'(?=\d{1,2}(?!\d))")
_NEGATIVE = re.compile(r"(?<![\w)-])-(?=[$€£]?\d)")
_PLUS = re.compile(r"(?<!\w)\+(?=\d)")
_DECADE = re.compile(r"(?<!\d)'?(?:(\d{2}|\d{4})s|(\d0|\d{3}0)'s)\b")
_GERMAN_DECADE = re.compile(r"(?<![\d.,])(\d0|\d{3}0)er\b")
_NUMBER_SIGN = re.compile(r"#(?=\d)")
_PER = re.compile(r"(?<=\d)/(?=(?:second|minute|hour|day|night|week|month|quarter|year|person)\b)")
_THOUSANDS = re.compile(r"(?<=\d)k\b")
_FRACTIONS: Mapping[str, str] = {
    "1/2": "one half",
    "1/3": "one third",
    "2/3": "two thirds",
    "1/4": "one quarter",
    "3/4": "three quarters",
}
_MIXED = re.compile(r"(?<=\d) (?=[123]/[234](?![\d/]))")
_ENGLISH_FRACTION = re.compile(r"(?<![\d/])[123]/[234](?![\d/])")
_GLUED = frozenset({"ja", "ko", "zh"})
"""Languages where letters follow numbers at once."""


def say_phones(text: str, language_code: str) -> str:
    """Returns `text` with telephone and other long numbers digit by digit, in their groups."""
    plus = vocabulary(primary(language_code)).plus

    def said(found: re.Match[str]) -> str:
        groups = re.findall(r"\d+", found[0])
        sign = f"{plus} " if found[0].startswith("+") else ""
        return sign + ", ".join(numbers.digits(group, language_code) for group in groups)

    return _PHONE.sub(said, text)


def say_signs(text: str, language_code: str) -> str:
    """Returns `text` with the signs of numbers, and the dash or colon between two, in words."""
    words = vocabulary(primary(language_code))
    if primary(language_code) == "en":
        text = _PER.sub(" per ", _NUMBER_SIGN.sub("number ", text))
    text = _RANGE.sub(f" {words.to} ", _FEET.sub(" ", text))
    return _PLUS.sub(f"{words.plus} ", _NEGATIVE.sub(f"{words.minus} ", text))


def say_numbers(text: str, language_code: str) -> str:
    """Returns `text` without digits."""
    language = primary(language_code)
    if language == "en":
        text = _MIXED.sub(" and ", _THOUSANDS.sub(" thousand", text))
        text = _ENGLISH_FRACTION.sub(lambda found: _FRACTIONS.get(found[0], found[0]), text)
        text = _DECADE.sub(lambda found: _decade(found[1] or found[2], language_code), text)
    if language == "de":
        text = _GERMAN_DECADE.sub(lambda found: f"{say_number(found[1], 'de')}er", text)
    text = re.sub(
        number_pattern(language_code),
        lambda found: _spaced(found, say_number(found[0], language_code), language),
        text,
    )
    # What no rule took, such as a number right after a comma.
    return re.sub(r"\d+", lambda f: _spaced(f, say_number(f[0], language_code), language), text)


def _decade(written: str, language_code: str) -> str:
    number = int(written)
    said = numbers.year(number, language_code) if len(written) > len("80") else ""
    said = said or numbers.cardinal(number, language_code)
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _spaced(found: re.Match[str], words: str, language: str) -> str:
    """Keeps words apart from letters that stood at the digits."""
    if language in _GLUED:
        return words
    before = found.string[: found.start()][-1:]
    after = found.string[found.end() :][:1]
    return f"{' ' if before.isalnum() else ''}{words}{' ' if after.isalnum() else ''}"
