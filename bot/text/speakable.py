"""Makes a message as Discord sends it speakable."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.text.attachments import Attachment, say_attachments
from bot.text.cutting import cut
from bot.text.emoji_names import say_emoji
from bot.text.links import say_links
from bot.text.markdown import hide, stop_after, strip_marks
from bot.text.mentions import say_mentions
from bot.text.names import Names
from bot.text.repeats import limit_repeats
from bot.text.words import Words, words_of

LONGEST_READ: Final = 6_000
"""More is not looked at: Discord allows 4,000 in a message, and 6,000 in an option."""
SPOKEN_SIGNS: Final = frozenset("&@#+=%°$€")
"""Signs that the inference service has words for."""
_JOINERS = frozenset("\u200c\u200d")
"""They shape letters in Arabic and Indic scripts, and glue emoji elsewhere."""
_COMMAS = re.compile(r"\s*[,，、](?:\s*[,，、])+\s*")  # noqa: RUF001 - wide commas
_AFTER_WIDE = re.compile(r"(?<=[，、。！？])\s+")  # noqa: RUF001 - wide signs hold their space
_BEFORE_SIGN = re.compile(r"\s+(?=[,.;!?，、。！？])|[,，、]\s*(?=[.;:!?。！？])")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class TextRules:
    """How messages are made speakable."""

    language_code: str = ""
    """BCP 47, for the words that are put in; English when empty."""
    max_characters: int = 500
    max_repeated_characters: int = 3
    read_emoji: bool = True


def speakable(
    text: str, names: Names, rules: TextRules, attachments: Sequence[Attachment] = ()
) -> str:
    """Returns what is to be said of a message, on one line; "" when that is nothing.

    `text` is what Discord sends, with its ids and marks. The result has none of them, and at most
    `rules.max_characters`. Numbers, addresses, abbreviations: the inference service says those.
    """
    words = words_of(rules.language_code)
    said = _said(_printable(text[:LONGEST_READ]), names, rules, words)
    if attachments:
        what = say_attachments(attachments, words)
        said = f"{said}{stop_after(said, words)}{what}" if said else what
    said = cut(said, rules.max_characters, words)
    return said if any(c.isalnum() or c in SPOKEN_SIGNS for c in said) else ""


def _said(text: str, names: Names, rules: TextRules, words: Words) -> str:
    text = say_links(hide(text, words), words)
    text = say_mentions(text, names, words, reads_emoji=rules.read_emoji)
    text = say_emoji(text, rules.language_code, comma=words.comma, is_read=rules.read_emoji)
    text = limit_repeats(strip_marks(text, words), rules.max_repeated_characters)
    text = _COMMAS.sub(words.comma, " ".join(text.split()))
    text = _AFTER_WIDE.sub("", _BEFORE_SIGN.sub("", text))
    return text.strip(" ,，、")  # noqa: RUF001 - wide commas


def _printable(text: str) -> str:
    """Returns `text` without control characters and what cannot be seen, lines kept."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_seen, text.replace("\r", "\n")))


def _seen(character: str) -> str:
    if character == "\n" or character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Cs" | "Co":
            return " "
        case "Cf":
            return ""
        case _:
            return character
