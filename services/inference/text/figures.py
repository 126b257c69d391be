"""Reads written numbers: which mark groups digits, and which one begins the decimals."""

import re
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from services.inference.text import numbers
from services.inference.text.languages import primary
from services.inference.text.vocabulary import ENGLISH, vocabulary

SPACE_GROUPED = frozenset({"cs", "fr", "hu", "pl", "ru"})
"""Languages that write 1 000 000."""
LONGEST_NUMBER = 10
"""More digits in a row are an account or a serial number, and are said one by one."""
LONGEST_SPELLABLE = 15
_FORM_DIGITS = 15
YEARS = range(1100, 2100)
_PARTS = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it was written."""

    whole: str
    """Its digits before the mark, without grouping."""
    fraction: str = ""

    @property
    def value(self) -> float:
        """What it is worth, as far as the form of a word hangs on it."""
        return float(f"{self.whole[-_FORM_DIGITS:]}.{self.fraction[:_FORM_DIGITS] or 0}")

    @property
    def is_spelled(self) -> bool:
        """Whether its digits are said one by one."""
        has_zero = self.whole.startswith("0") and len(self.whole) > 1
        return has_zero or len(self.whole) > LONGEST_SPELLABLE

    def counted(self, language_code: str) -> str:
        """Returns it in words, before the name of what it counts."""
        if self.is_spelled:
            return numbers.digits(self.whole + self.fraction, language_code)
        if self.fraction:
            return numbers.decimal(self.whole, self.fraction, language_code)
        return numbers.count(int(self.whole), language_code)


def number_pattern(language_code: str) -> str:
    """Returns a pattern, without groups, of numbers without a sign."""
    spaced = r"\d{1,3}(?: \d{3})+(?!\d)(?:,\d+)?|" if _is_space_grouped(language_code) else ""
    return rf"(?<![\d.,])(?:{spaced}\d+(?:[.,]\d+|'\d{{3}}(?!\d))*)"


def figure(written: str, language_code: str) -> Figure | None:
    """Returns what `number_pattern` found; None for more than a number, such as a version."""
    decimal, group = _marks(language_code)
    for decimals, groups in ((decimal, group), (group, decimal)):
        grouped = rf"(\d{{1,3}}(?:{re.escape(groups)}\d{{2,3}})*{re.escape(groups)}\d{{3}})"
        if (found := re.fullmatch(rf"{grouped}(?:{re.escape(decimals)}(\d+))?", written)) and (
            decimals == decimal or found[2] or written.count(groups) > 1
        ):
            return Figure(found[1].replace(groups, ""), found[2] or "")
    whole_and_fraction = re.split(r"[.,]", written.replace(" ", "").replace("'", ""))
    return Figure(*whole_and_fraction) if len(whole_and_fraction) <= _PARTS else None


def say_number(written: str, language_code: str) -> str:
    """Returns what `number_pattern` found in words: a number, a year, or digits."""
    read = figure(written, language_code)
    if read is None:
        point = f" {vocabulary(primary(language_code)).point} "
        parts = re.split(r"[.,']", written)
        return point.join(say_number(part, language_code) for part in parts)
    if read.is_spelled or (len(written) > LONGEST_NUMBER and written.isdigit()):
        return numbers.digits(read.whole + read.fraction, language_code)
    if read.fraction:
        return numbers.decimal(read.whole, read.fraction, language_code)
    if written.isdigit() and int(written) in YEARS and primary(language_code) != "zh":
        return numbers.year(int(written), language_code)
    return numbers.cardinal(int(read.whole), language_code)


def locale_of(language_code: str) -> Locale:
    """Returns CLDR's data for a language, without the region where it knows none."""
    for code in (language_code.replace("-", "_"), primary(language_code)):
        try:
            return Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(ENGLISH)


def _is_space_grouped(language_code: str) -> bool:
    return primary(language_code) in SPACE_GROUPED


def _marks(language_code: str) -> tuple[str, str]:
    """Returns the decimal mark and the mark between groups of digits."""
    symbols = locale_of(language_code).number_symbols["latn"]
    decimal = symbols["decimal"]
    if _is_space_grouped(language_code):
        return decimal, " "
    return decimal, "." if decimal == "," else ","
