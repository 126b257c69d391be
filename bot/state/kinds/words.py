"""Names, languages and short words."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from bot.state.kinds.kind import NOTHING, Kind, UnreadableValueError, refused
from bot.text.languages import LANGUAGES, language_named, shown_language

NOTHING_BUT_SIGNS: Final = frozenset({"", "none", "nothing"})
"""As NOTHING, where "-" and "no" are words that may be meant."""

_VOICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Voice(Kind[str]):
    """The id of a voice as VoiceService knows it, or ""; whether it is there, others know."""

    unnamed: str
    """How no voice is shown."""
    hint: ClassVar[str] = "the id of a voice, see the command `voices`, or none"
    suggestions: ClassVar[tuple[str, ...]] = ("none",)

    def parse(self, typed: str) -> str:
        """See Kind."""
        voice_id = typed.strip()
        if voice_id.casefold() in NOTHING:
            return ""
        if not _VOICE_ID.fullmatch(voice_id):
            raise refused(typed, self.hint)
        return voice_id

    def show(self, value: str) -> str:
        """See Kind."""
        return value or self.unnamed

    def restore(self, stored: object) -> str:
        """See Kind."""
        if not isinstance(stored, str) or (stored and not _VOICE_ID.fullmatch(stored)):
            raise UnreadableValueError
        return stored


@dataclass(frozen=True, slots=True)
class Language(Kind[str]):
    """A language as a BCP 47 tag, or "" for the voice's own."""

    hint: ClassVar[str] = "a language by its name or as a tag, such as German, de or pt-BR, or none"
    suggestions: ClassVar[tuple[str, ...]] = ("none", *LANGUAGES)

    def parse(self, typed: str) -> str:
        """See Kind; the name may be in English or in the language itself."""
        word = typed.strip()
        if word.casefold() in NOTHING - {"no"}:  # that is Norwegian
            return ""
        code = language_named(word) or word.replace("_", "-")
        if not _LANGUAGE.fullmatch(code):
            raise refused(typed, self.hint)
        return code

    def show(self, value: str) -> str:
        """See Kind."""
        return shown_language(value) if value else "the voice's own"

    def restore(self, stored: object) -> str:
        """See Kind."""
        if not isinstance(stored, str) or (stored and not _LANGUAGE.fullmatch(stored)):
            raise UnreadableValueError
        return stored


@dataclass(frozen=True, slots=True)
class Word(Kind[str]):
    """One short word or sign, or ""."""

    longest: int
    suggestions: ClassVar[tuple[str, ...]] = ("none",)

    @property
    def hint(self) -> str:
        """See Kind."""
        return f"a word or a sign of at most {self.longest} characters, or none"

    def parse(self, typed: str) -> str:
        """See Kind."""
        word = typed.strip()
        if word.casefold() in NOTHING_BUT_SIGNS:
            return ""
        if len(word) > self.longest or len(word.split()) != 1:
            raise refused(typed, self.hint)
        return word

    def show(self, value: str) -> str:
        """See Kind."""
        return value or "none"

    def restore(self, stored: object) -> str:
        """See Kind."""
        if not isinstance(stored, str) or len(stored) > self.longest or len(stored.split()) > 1:
            raise UnreadableValueError
        return stored.strip()


@dataclass(frozen=True, slots=True)
class Words(Kind[tuple[str, ...]]):
    """A few short words or signs, in order and each once."""

    most: int
    longest: int
    suggestions: ClassVar[tuple[str, ...]] = ("none",)

    @property
    def hint(self) -> str:
        """See Kind."""
        return (
            f"up to {self.most} words or signs with spaces between them, each of at most "
            f"{self.longest} characters, or none"
        )

    def parse(self, typed: str) -> tuple[str, ...]:
        """See Kind."""
        if typed.strip().casefold() in NOTHING_BUT_SIGNS:
            return ()
        words = tuple(dict.fromkeys(typed.split()))
        if len(words) > self.most or any(len(word) > self.longest for word in words):
            raise refused(typed, self.hint)
        return words

    def show(self, value: tuple[str, ...]) -> str:
        """See Kind."""
        return " ".join(value) or "none"

    def restore(self, stored: object) -> tuple[str, ...]:
        """See Kind."""
        if not isinstance(stored, list) or not all(isinstance(word, str) for word in stored):
            raise UnreadableValueError
        fitting = (word for word in stored if 0 < len(word) <= self.longest)
        return tuple(dict.fromkeys(fitting))[: self.most]
