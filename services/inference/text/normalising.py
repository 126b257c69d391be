"""Turns what is written into what is said."""

import re
import unicodedata
from collections.abc import Mapping

from anyascii import anyascii

from services.inference.text import abbreviations
from services.inference.text.addresses import say_addresses
from services.inference.text.cleaning import clean
from services.inference.text.counting import say_numbers, say_phones, say_signs
from services.inference.text.dates import say_dates
from services.inference.text.languages import primary
from services.inference.text.markup import strip_markup
from services.inference.text.ordinals import say_ordinals
from services.inference.text.punctuation import plain_punctuation
from services.inference.text.quantities import say_quantities
from services.inference.text.roman import say_roman_numerals
from services.inference.text.scripts import is_readable
from services.inference.text.symbols import say_symbols, say_times
from services.inference.text.times import say_times as say_times_of_day
from services.inference.text.vocabulary import ENGLISH, vocabulary

MOST_ROUNDS = 4
"""What a rule says may be matter for one before it, as the mark that hid a short form is gone; a
second round rarely finds any."""
SHAPED = frozenset({"ar", "hi"})
_LEFT_OVERS = str.maketrans({"²": " 2", "³": " 3", "ª": "a", "º": "o"})


def normalise(
    text: str, language_code: str, pronunciations: Mapping[str, str] | None = None
) -> str:
    """Returns `text` as words and plain punctuation, "" when it has no words.

    `pronunciations` come first: each whole word or phrase, upper and lower case alike, the longest
    first. Then addresses, Markdown, dates, times, numbers, money, measures, abbreviations and
    signs are said in words of the language, and letters of scripts that it is not written in are
    romanised. What is normal stays as it is.
    """
    text = pronounce(unicodedata.normalize("NFC", text), pronunciations or {})
    for _ in range(MOST_ROUNDS):
        before, text = text, _said(text, language_code)
        if text == before:
            break
    return text if any(character.isalpha() for character in text) else ""


def _said(text: str, language_code: str) -> str:
    language = primary(language_code)
    text = clean(text, keeps_shapers=language in SHAPED)
    text = say_addresses(strip_markup(text), vocabulary(language))
    for say in (
        say_dates,
        say_phones,
        say_times_of_day,
        _expand,
        say_signs,
        say_times,
        say_quantities,
        say_ordinals,
    ):
        text = say(text, language_code)
    if language == ENGLISH:
        text = say_roman_numerals(text)
    text = say_numbers(text.translate(_LEFT_OVERS), language_code)
    text = _romanise(say_symbols(text, language_code), language)
    return unicodedata.normalize("NFC", plain_punctuation(text, language_code))


def pronounce(text: str, pronunciations: Mapping[str, str]) -> str:
    """Returns `text` with words and phrases replaced by how they are to be spoken."""
    spoken = {written.casefold(): said for written, said in pronunciations.items() if written}
    if not spoken:
        return text
    choice = "|".join(re.escape(written) for written in sorted(spoken, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{choice})(?!\w)", re.IGNORECASE)
    return pattern.sub(lambda found: spoken.get(found[0].casefold(), found[0]), text)


def _expand(text: str, language_code: str) -> str:
    return abbreviations.expand(text, primary(language_code))


def _romanise(text: str, language: str) -> str:
    return "".join(
        character
        if not character.isalpha() or is_readable(character, language)
        # Letters alone: signs would not be said, and digits neither.
        else "".join(c for c in anyascii(character) if c.isascii() and c.isalpha())
        for character in text
    )
