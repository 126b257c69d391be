"""Cuts a long text where it does not hurt."""

import re
import unicodedata

from bot.text.words import Words

_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？।؟](?=.)")  # noqa: RUF001 - wide punctuation
_LOOSE_ENDS = " ,;:.!?…-–—、，；：。！？।؟،"  # noqa: RUF001 - wide punctuation


def cut(text: str, most: int, words: Words) -> str:
    """Returns at most `most` characters of `text`, and says so where something is missing.

    It ends with a sentence or at least with a word, unless those are longer than half of it.
    """
    if len(text) <= most:
        return text
    ending = f"{words.comma}{words.and_so_on}{words.stop.strip()}"
    room = most - len(ending)
    if room <= 0:
        return text[:most].strip()
    return text[: _end(text, room)].rstrip(_LOOSE_ENDS) + ending


def _end(text: str, room: int) -> int:
    ends = [found.end() for found in _SENTENCE_END.finditer(text, room // 2, room)]
    if ends:
        return ends[-1]
    if (space := text.rfind(" ", room // 2, room + 1)) >= 0:
        return space
    while room > 0 and unicodedata.category(text[room])[0] == "M":
        room -= 1  # a letter keeps its accents
    return room
