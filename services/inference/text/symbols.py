"""Says single signs, where they stand for words."""

import re
from collections.abc import Mapping

from services.inference.text.languages import primary
from services.inference.text.vocabulary import Vocabulary, vocabulary

_SILENT = re.compile(r"[_\\~^<>*/|]")
_TIMES = re.compile(r"(?<=\d)\s*[×*]\s*(?=\d)|(?<=\d)\s?x\s?(?=\d)")  # noqa: RUF001 - the sign


def say_symbols(text: str, language_code: str) -> str:
    """Returns `text` with signs such as & and @ in words; those without a word are silent."""
    for sign, word in _words(vocabulary(primary(language_code))).items():
        if sign in text:
            text = text.replace(sign, f" {word} ")
    return _SILENT.sub(" ", text)


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
