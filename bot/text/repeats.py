"""Shortens what goes on and on: characters, syllables and words in a row, piled accents."""

import re
import unicodedata
from functools import cache
from typing import Final

MOST_MARKS: Final = 3
"""Accents on one letter; no language has more."""
LONGEST_UNIT: Final = 12
"""Characters of what is repeated, such as "ha" or "lol "."""

FEWEST_UNITS: Final = 3
"""Fewer are the words of a language, such as the "an" in banana."""


def limit_repeats(text: str, most: int) -> str:
    """Returns `text` in which nothing stands more than about `most` times in a row.

    Numbers stay as they are: 1,000,000 is not 1,000. Upper and lower case are alike.
    """
    text = _limit_marks(text)
    letters, units = _patterns(most)
    text = letters.sub(lambda found: found[1] * most, text)
    return units.sub(lambda found: found[1] * max(most, FEWEST_UNITS), text)


@cache
def _patterns(most: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(rf"([^\d\s])\1{{{most},}}", re.IGNORECASE),
        re.compile(rf"([^\d]{{2,{LONGEST_UNIT}}}?)\1{{{max(most, FEWEST_UNITS)},}}", re.IGNORECASE),
    )


def _limit_marks(text: str) -> str:
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
