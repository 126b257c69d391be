"""Texts as they are compared: normalised words, the word error rate, the rate of speech."""

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))  # noqa: RUF001 - they are the point
NOT_IN_WORDS = re.compile(r"[^\w']+")
DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "it": ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
}
"""How the digits are said, by primary language subtag."""
WITHOUT_SPACES = {"zh", "ja", "th", "lo", "my", "yue"}
"""Languages written without spaces: there a character counts as a word."""


def normalised_words(text: str, *, language: str = "") -> list[str]:
    """Returns the words of `text` as they are compared.

    Case, punctuation, hyphens and the kind of apostrophe do not count (NFKC, casefold); a single
    digit equals its name where `language`, a BCP-47 tag, is known.
    """
    code = language.split("-", 1)[0].lower()
    # Folding can undo the normal form, so it is made again (Unicode 3.13, NFKC_Casefold).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = folded.translate(APOSTROPHES)
    words = [stripped for word in NOT_IN_WORDS.split(folded) if (stripped := word.strip("'_"))]
    if code in WITHOUT_SPACES:
        return [character for word in words for character in word if character not in "'_"]
    names = DIGITS.get(code)
    if names is None:
        return words
    return [names[int(w)] if len(w) == 1 and w.isdecimal() else w for w in words]


def word_error_rate(reference: str, hypothesis: str, *, language: str = "") -> float:
    """Returns the word edits that turn `reference` into `hypothesis`, per word of `reference`.

    Insertions, deletions and substitutions count 1 each, after `normalised_words`. With an empty
    reference it is 0 for an empty hypothesis and 1 for any other.
    """
    return corpus_word_error_rate([reference], [hypothesis], language=language)


def corpus_word_error_rate(
    references: Sequence[str], hypotheses: Sequence[str], *, language: str = ""
) -> float:
    """Returns the word error rate over several texts: all edits over all words of `references`.

    Raises ValueError when there are not as many hypotheses as references.
    """
    edits = words = 0
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        expected = normalised_words(reference, language=language)
        edits += Levenshtein.distance(expected, normalised_words(hypothesis, language=language))
        words += len(expected)
    if words == 0:
        return 1.0 if edits else 0.0
    return edits / words


def characters_per_second(text: str, duration_seconds: float) -> float:
    """Returns how many letters and digits are said a second; 0 for no duration."""
    if duration_seconds <= 0:
        return 0.0
    return sum(character.isalnum() for character in text) / duration_seconds
