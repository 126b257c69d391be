# ruff: noqa: RUF001 - many scripts share shapes
"""Cuts a sentence that is too long for a model, where it hurts least."""

import re
import unicodedata

_CLAUSE = re.compile(r"[,;:،؛)»”—–](?=\s)|[、，；：]")
_SPACE = re.compile(r"\s")
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
SHORTEST_PART = 3
"""A clause is cut off when it is at least a third as long as it may be."""


def cut_within(text: str, max_characters: int) -> int:
    """Returns where to end the first part of `text`, which is longer than `max_characters`.

    After the last clause that fits, else the last word, else between two characters; only the
    first `max_characters` + 1 characters count.
    """
    window = text[: max_characters + 1]
    ends = [found.end() for found in _CLAUSE.finditer(window) if found.end() <= max_characters]
    if ends and ends[-1] * SHORTEST_PART >= max_characters:
        return ends[-1]
    spaces = [found.start() for found in _SPACE.finditer(window) if found.start() > 0]
    return spaces[-1] if spaces else _between_characters(text, max_characters)


def _between_characters(text: str, end: int) -> int:
    """Returns an index near `end` where no accent is torn from its letter."""
    index = end
    while index > 0 and _is_attached(text[index]):
        index -= 1
    return index or end


def _is_attached(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character).startswith("M")
