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
_INVISIBLE = frozenset({"Cf", "Me", "Sk"})
_DROPPED = frozenset({"Cc", "Co", "Cs", "Cn", "So"})
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
    category = unicodedata.category(character)
    if (character.isascii() and character.isprintable()) or character in _KEPT:
        plain = character
    elif character.isspace():
        plain = character if character == "\n" else " "
    elif character in _SHAPERS and keeps_shapers:
        plain = character
    elif character in _VARIATIONS or category in _INVISIBLE:
        plain = ""
    elif category in _DROPPED:
        plain = " "
    elif category == "Nd":
        plain = str(unicodedata.digit(character))
    else:
        plain = _folded(character, category)
    return plain


def _folded(character: str, category: str) -> str:
    """Returns the usual form of a letter, sign or ligature; wide punctuation stays wide."""
    is_wide_form = "\uff01" <= character <= "\uffef"
    if category[0] not in "LN" and not is_wide_form:
        return character
    if is_wide_form and category[0] == "P":
        return character
    return unicodedata.normalize("NFKC", character)
