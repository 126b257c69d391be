"""Refuses texts that cannot be spoken, with a reason."""

import unicodedata

from services.inference.text.languages import primary
from services.inference.text.scripts import is_readable, script_of
from services.inference.text.symbols import is_spoken_symbol

FOREIGN_RATIO = 0.5
"""A text with more letters than this of foreign scripts is in another language; fewer are names
and quotations, which are romanised."""


class UnspeakableTextError(Exception):
    """A text that cannot be spoken."""

    def __init__(self, reason: str, message: str) -> None:
        """`reason` is for programs, such as EMPTY_TEXT; `message` for people."""
        super().__init__(message)
        self.reason = reason
        self.message = message


def check_speakable(text: str, language_code: str, max_text_characters: int) -> None:
    """Raises UnspeakableTextError unless `text` can be spoken in the language.

    A text that is mostly in a script that the language is not written in is refused, and not
    romanised, as the result would be unintelligible: the caller has the wrong language, and is
    better told. Emoji are not spoken, so a text of nothing else is refused as well.
    """
    if len(text) > max_text_characters:
        raise UnspeakableTextError(
            "TEXT_TOO_LONG",
            f"The text has {len(text):,} characters, and {max_text_characters:,} are allowed: "
            "send it in parts.",
        )
    if not text.strip():
        raise UnspeakableTextError("EMPTY_TEXT", "The text is empty: say what is to be spoken.")
    folded = unicodedata.normalize("NFKC", text)
    if not any(c.isalpha() or c.isdigit() or is_spoken_symbol(c) for c in folded):
        raise UnspeakableTextError(
            "NOTHING_TO_SAY",
            "The text has no words: punctuation, emoji and control characters are not spoken.",
        )
    ScriptCheck(language_code).read(folded)


class ScriptCheck:
    """Reads a text along as it comes, such as sentence by sentence, and knows the whole of it."""

    def __init__(self, language_code: str) -> None:
        """Has read nothing."""
        self._language_code = language_code
        self._letter_count = 0
        self._foreign_count = 0

    def read(self, text: str) -> None:
        """Raises UnspeakableTextError when most letters so far are of a foreign script."""
        language = primary(self._language_code)
        letters = [one for one in unicodedata.normalize("NFKC", text) if one.isalpha()]
        foreign = [letter for letter in letters if not is_readable(letter, language)]
        self._letter_count += len(letters)
        self._foreign_count += len(foreign)
        if foreign and self._foreign_count > FOREIGN_RATIO * self._letter_count:
            script = script_of(foreign[0]).capitalize()
            raise UnspeakableTextError(
                "UNREADABLE_SCRIPT",
                f"Most of the text is in a script ({script}) that {self._language_code} is not "
                "written in: set the language that the text is in.",
            )
