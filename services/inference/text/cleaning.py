# ruff: noqa: RUF001 - it is about characters that look alike
"""Removes what is no language from a text: odd forms of characters, control characters, emoji."""

import html
import re
import unicodedata

_QUOTES = str.maketrans(
    {
        **dict.fromkeys("‘’‛ʼ´`", "'"),
        **dict.fromkeys("“”„‟«»″「」『』", '"'),
        **dict.fromkeys("‐‑‒", "-"),
        "−": "-",
        "―": "—",
        "⁄": "/",
        "∕": "/",
        "٪": "%",
        "٫": ".",
        "٬": ",",
        "؉": "‰",
    }
)
_FRACTIONS = re.compile(r"(\d*)([½¼¾])")
_DECIMALS = {"½": ".5", "¼": ".25", "¾": ".75"}
_SUPERSCRIPTS = re.compile(r"(?<=\d)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_KEPT = frozenset("°ªº²³")
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "So", "Sk", "Me"})
_SHAPERS = frozenset("\u200c\u200d")
"""They shape letters in Arabic and Indic scripts, and glue emoji elsewhere."""
_VARIATIONS = frozenset("\ufe0e\ufe0f")


def clean(text: str, *, keeps_shapers: bool = False) -> str:
    """Returns `text` in plain characters: composed (NFC), of usual width, digits 0 to 9.

    Control characters, emoji and other pictures are dropped: emoji decorate, and their names, read
    out, would not. HTML entities are resolved; quotation marks and dashes become the plain ones.
    `keeps_shapers` keeps the joiners of scripts that are shaped by them.
    """
    text = unicodedata.normalize("NFC", html.unescape(text)).translate(_QUOTES)
    text = _FRACTIONS.sub(lambda found: f"{found[1] or 0}{_DECIMALS[found[2]]}", text)
    text = _SUPERSCRIPTS.sub(r" \1", text)
    plain = "".join(_plain(character, keeps_shapers=keeps_shapers) for character in text)
    return unicodedata.normalize("NFC", plain)


def _plain(character: str, *, keeps_shapers: bool) -> str:
    if (character.isascii() and character.isprintable()) or character in _KEPT:
        return character
    if character.isspace():
        return " " if character != "\n" else character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category in {"Lu", "Ll", "Lt", "Lm", "Lo", "No", "Nl"} or "\uff01" <= character <= "\uffef":
        return _folded(character)
    if character in _SHAPERS:
        return character if keeps_shapers else ""
    if character in _VARIATIONS or (category in _DROPPED):
        return "" if category in {"Cf", "Mn", "Me", "Sk"} else " "
    return character


def _folded(character: str) -> str:
    """Returns the usual form of a letter, sign or ligature; wide punctuation stays wide."""
    if "\uff01" <= character <= "\uff5e" and unicodedata.category(character).startswith("P"):
        return character
    return unicodedata.normalize("NFKC", character)
