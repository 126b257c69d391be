"""How words are to be spoken, as a guild and its members have said."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.chassis.errors import InvalidInputError, NotFoundError

MOST_OF_A_GUILD: Final = 300
MOST_OF_A_PERSON: Final = 100
LONGEST_WRITTEN: Final = 50
LONGEST_SPOKEN: Final = 150


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Words and phrases with how they are to be spoken; upper and lower case are alike."""

    entries: Mapping[str, str] = field(default_factory=dict)
    """By what is written, in the order in which they were added."""

    def with_entry(self, written: str, spoken: str, *, most: int) -> "Dictionary":
        """Returns a dictionary with this entry, in the place of what said the same word.

        Raises:
            InvalidInputError: it is empty or too long, or there would be more than `most`.
        """
        written, spoken = _plain(written), _plain(spoken)
        _check("What is written", written, LONGEST_WRITTEN)
        _check("How it is spoken", spoken, LONGEST_SPOKEN)
        others = self._others(written)
        if len(others) >= most:
            message = f"The dictionary is full ({most} entries): remove one before you add another."
            raise InvalidInputError(message, reason="DICTIONARY_FULL")
        return Dictionary({**others, written: spoken})

    def without(self, written: str) -> "Dictionary":
        """Returns a dictionary without this entry; raises NotFoundError when there is none."""
        others = self._others(_plain(written))
        if len(others) == len(self.entries):
            message = "The dictionary has no such word: `dictionary list` shows what it has."
            raise NotFoundError(message, reason="NO_SUCH_WORD")
        return Dictionary(others)

    def _others(self, written: str) -> dict[str, str]:
        word = written.casefold()
        return {known: said for known, said in self.entries.items() if known.casefold() != word}


def pronunciations(text: str, *, own: Dictionary, guild: Dictionary) -> tuple[tuple[str, str], ...]:
    """Returns what is written and spoken of the entries that may occur in `text`.

    A member's own entries win over the guild's.
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    found: dict[str, tuple[str, str]] = {}
    for written, spoken in (*guild.entries.items(), *own.entries.items()):
        if (word := written.casefold()) in folded:
            found[word] = (written, spoken)
    return tuple(found.values())


def _plain(text: str) -> str:
    printable = (c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(printable).split())


def _check(what: str, text: str, longest: int) -> None:
    if not text:
        message = f"{what} is empty: give a word or two."
        raise InvalidInputError(message, reason="EMPTY_WORD")
    if len(text) > longest:
        message = f"{what} has {len(text)} characters: give at most {longest}."
        raise InvalidInputError(message, reason="WORD_TOO_LONG")
