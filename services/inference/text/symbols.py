"""Says single signs, where they stand for words."""

import re
import unicodedata
from collections.abc import Mapping

from services.inference.text.languages import primary
from services.inference.text.vocabulary import Vocabulary, vocabulary

_SILENT = re.compile(r"[_\\~^<>*/|§¶†‡]")
_SILENT_KINDS = frozenset({"Sc", "Sm"})
_MORE_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "¢": "cents",
        "÷": "divided by",
        "±": "plus or minus",
        "≈": "about",
        "≤": "at most",
        "≥": "at least",
        "§": "section",
        "√": "square root of",
    },
    "de": {"÷": "geteilt durch", "±": "plus minus", "≈": "etwa", "§": "Paragraf"},
}
"""Of signs that are silent in other languages."""
_TIMES = re.compile(r"(?<=\d)\s*[×*]\s*(?=\d)|(?<=\d)\s?x\s?(?=\d)")  # noqa: RUF001 - the sign


def say_symbols(text: str, language_code: str) -> str:
    """Returns `text` with signs such as & and @ in words; those without a word are silent."""
    language = primary(language_code)
    words = {**_words(vocabulary(language)), **_MORE_WORDS.get(language, {})}
    for sign, word in words.items():
        if sign in text:
            text = text.replace(sign, f" {word} ")
    return "".join(" " if _is_silent(sign) else sign for sign in _SILENT.sub(" ", text))


def _is_silent(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign) in _SILENT_KINDS


def say_times(text: str, language_code: str) -> str:
    """Returns `text` with the sign of multiplication in words, between digits."""
    return _TIMES.sub(f" {vocabulary(primary(language_code)).times} ", text)


def is_spoken_symbol(character: str) -> bool:
    """Says whether there is a word for this sign."""
    return character in _words(vocabulary("en"))


def _words(words: Vocabulary) -> Mapping[str, str]:
    return {
        "&": words.and_,
        "@": words.at,
        "#": words.hash,
        "+": words.plus,
        "=": words.equals,
        "×": words.times,  # noqa: RUF001 - the sign
        "%": words.percent,
        "°": words.degrees,
        "$": words.dollars[-1],
        "€": "euro",
    }
