# ruff: noqa: RUF001 - currency signs
"""Says amounts of money, percentages and measures, with the names of CLDR."""

import re
from collections.abc import Mapping
from functools import cache

from babel.numbers import get_currency_name
from babel.units import format_unit

from services.inference.text import numbers
from services.inference.text.figures import Figure, figure, locale_of, number_pattern
from services.inference.text.languages import WITHOUT_SPACES, primary
from services.inference.text.vocabulary import vocabulary

_SIGNS: Mapping[str, str] = {
    "US$": "USD",
    "R$": "BRL",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "￥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "TL": "TRY",
    "руб.": "RUB",
    "руб": "RUB",
    "₩": "KRW",
    "₴": "UAH",
    "₪": "ILS",
    "฿": "THB",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "元": "CNY",
}
_CODES = "USD EUR GBP JPY CNY INR RUB TRY KRW PLN CZK HUF CHF BRL CAD AUD SEK NOK DKK".split()  # noqa: SIM905
_SCALES = (
    r"thousand|million|billion|trillion|[kK]|bn|M|Mio\.?|Mrd\.?|Millionen|Milliarden|Million|"
    r"Milliarde|mil|millón|millones|mille|millions?|milliards?|mila|milioni|miliardi|milhões|"
    r"bilhões|tys\.|mln|mld|bin|milyon|milyar|тыс\.|млн|млрд|miljoen|miljard|millió|milliárd"
)
_SHORT_SCALES: Mapping[str, Mapping[str, str]] = {
    "en": {"k": "thousand", "K": "thousand", "M": "million", "bn": "billion"},
    "de": {"Mio": "Millionen", "Mrd": "Milliarden"},
    "pl": {"tys": "tysięcy", "mln": "milionów", "mld": "miliardów"},
    "ru": {"тыс": "тысяч", "млн": "миллионов", "млрд": "миллиардов"},
}
_OF = {"es": "de", "pt": "de", "it": "di", "fr": "de"}
"""Languages that say "five millions of dollars"."""
_WITH_CENTS = 2
MANY = 5
"""Has the plural of large numbers in every language."""
_UNITS: Mapping[str, str] = {
    "km/h": "speed-kilometer-per-hour",
    "kmh": "speed-kilometer-per-hour",
    "mph": "speed-mile-per-hour",
    "m/s": "speed-meter-per-second",
    "km": "length-kilometer",
    "cm": "length-centimeter",
    "mm": "length-millimeter",
    "m": "length-meter",
    "ft": "length-foot",
    "kg": "mass-kilogram",
    "mg": "mass-milligram",
    "g": "mass-gram",
    "lbs": "mass-pound",
    "lb": "mass-pound",
    "oz": "mass-ounce",
    "ml": "volume-milliliter",
    "mL": "volume-milliliter",
    "l": "volume-liter",
    "L": "volume-liter",
    "°C": "temperature-celsius",
    "℃": "temperature-celsius",
    "°F": "temperature-fahrenheit",
    "kHz": "frequency-kilohertz",
    "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz",
    "Hz": "frequency-hertz",
    "kB": "digital-kilobyte",
    "KB": "digital-kilobyte",
    "MB": "digital-megabyte",
    "GB": "digital-gigabyte",
    "TB": "digital-terabyte",
    "kWh": "energy-kilowatt-hour",
    "kW": "power-kilowatt",
    "W": "power-watt",
    "V": "electric-volt",
    "min": "duration-minute",
    "ms": "duration-millisecond",
    "m²": "area-square-meter",
    "km²": "area-square-kilometer",
    "m³": "volume-cubic-meter",
}
_CYRILLIC_UNITS = {
    "км/ч": "speed-kilometer-per-hour",
    "м/с": "speed-meter-per-second",
    "км": "length-kilometer",
    "м": "length-meter",
    "см": "length-centimeter",
    "мм": "length-millimeter",
    "кг": "mass-kilogram",
    "г": "mass-gram",
    "мг": "mass-milligram",
    "л": "volume-liter",
    "мл": "volume-milliliter",
    "°С": "temperature-celsius",
    "ГБ": "digital-gigabyte",
    "МБ": "digital-megabyte",
    "мин": "duration-minute",
}
_HOME = re.compile(
    r"\b(?:British|polsk\w+|česk\w+|российск\w+|brasileir\w+|magyar|भारतीय)\s+|"
    r"\s+(?:brasileir\w+|polsk\w+)\b"
)
"""What the names of a country's own money have too much of."""
_DIGITS = re.compile(r"\d+(?:\D\d+)*")


def say_quantities(text: str, language_code: str) -> str:
    """Returns `text` with its money, percentages and measures in words."""
    number = number_pattern(language_code)
    signs = "|".join(re.escape(sign) for sign in sorted((*_SIGNS, *_CODES), key=len, reverse=True))
    scale = rf"(?:\s?({_SCALES})(?!\w))?"
    before = re.compile(rf"(?<!\w)({signs})\s?({number}){scale}")
    after = re.compile(rf"({number}){scale}\s?({signs})(?!\w)")
    percent = re.compile(rf"({number})\s?[%％]|[%％]\s?({number})")
    all_units = {**_UNITS, **(_CYRILLIC_UNITS if primary(language_code) == "ru" else {})}
    units = "|".join(re.escape(unit) for unit in sorted(all_units, key=len, reverse=True))
    measure = re.compile(rf"({number})\s?({units})(?![\w'])")

    def money(written: str, scale: str | None, sign: str, whole: str) -> str:
        read = figure(written, language_code)
        return _money(read, scale, _SIGNS.get(sign, sign), language_code) if read else whole

    def share(found: re.Match[str]) -> str:
        read = figure(found[1] or found[2], language_code)
        return _percent(read, language_code) if read else found[0]

    def size(found: re.Match[str]) -> str:
        read = figure(found[1], language_code)
        return _measure(read, all_units[found[2]], language_code) if read else found[0]

    text = before.sub(lambda found: money(found[2], found[3], found[1], found[0]), text)
    text = after.sub(lambda found: money(found[1], found[2], found[3], found[0]), text)
    return measure.sub(size, percent.sub(share, text))


def _money(read: Figure, scale: str | None, code: str, language_code: str) -> str:
    language = primary(language_code)
    joiner = "" if language in WITHOUT_SPACES else " "
    if code == "JPY" and language == "zh":
        code = "CNY"
    if scale:
        short = scale.rstrip(".")
        name = _SHORT_SCALES.get(language, {}).get(short, short)
        of = f"{_OF[language]} " if language in _OF else ""
        return f"{read.counted(language_code)} {name} {of}{_currency(code, MANY, language_code)}"
    has_cents = len(read.fraction) == _WITH_CENTS and joiner
    counted = int(read.value) if has_cents or not read.fraction else MANY
    name = _currency(code, counted, language_code)
    if not has_cents:
        return f"{read.counted(language_code)}{joiner}{name}"
    whole = Figure(read.whole).counted(language_code)
    cents = int(read.fraction)
    return (
        f"{whole} {name} {numbers.cardinal(cents, language_code)}" if cents else f"{whole} {name}"
    )


@cache
def _currency(code: str, count: int, language_code: str) -> str:
    locale = locale_of(language_code)
    if code == "USD":
        forms = vocabulary(primary(language_code)).dollars
        order = {"one": 0, "few": 1}
        return forms[min(order.get(locale.plural_form(count), len(forms) - 1), len(forms) - 1)]
    name = get_currency_name(code, count=count, locale=locale)
    name = _HOME.sub("", name)
    return name if primary(language_code) in {"de", "en"} else name.lower()


def _percent(read: Figure, language_code: str) -> str:
    language = primary(language_code)
    words = vocabulary(language)
    said = read.counted(language_code)
    joiner = "" if language in WITHOUT_SPACES else " "
    pair = (words.percent, said) if words.is_percent_first else (said, words.percent)
    return joiner.join(pair)


def _measure(read: Figure, unit: str, language_code: str) -> str:
    value = read.value if read.fraction else int(read.value)
    named = _unit(value, unit, language_code)
    said = read.counted(language_code)
    return _DIGITS.sub(lambda _: said, named, count=1).replace("/", " ")


@cache
def _unit(value: float, unit: str, language_code: str) -> str:
    locale = locale_of(language_code)
    named = format_unit(value, unit, length="long", locale=locale)
    if unit in named:  # CLDR leaves out a long name that is the same as the short one
        named = format_unit(value, unit, length="short", locale=locale)
    return " ".join(named.split())
