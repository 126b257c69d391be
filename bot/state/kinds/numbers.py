"""Switches, counts, paces and times."""

import math
import re
from dataclasses import dataclass
from typing import ClassVar

from bot.state.kinds.durations import duration_of, in_words
from bot.state.kinds.kind import NOTHING, Kind, UnreadableValueError, refused

_ON = frozenset({"on", "yes", "true", "y", "1", "enable", "enabled"})
_OFF = frozenset({"off", "no", "false", "n", "0", "disable", "disabled"})


@dataclass(frozen=True, slots=True)
class Switch(Kind[bool]):
    """On or off."""

    hint: ClassVar[str] = "on or off"
    suggestions: ClassVar[tuple[str, ...]] = ("on", "off")

    def parse(self, typed: str) -> bool:
        """See Kind."""
        word = typed.strip().casefold()
        if word not in _ON | _OFF:
            raise refused(typed, self.hint)
        return word in _ON

    def show(self, value: bool) -> str:
        """See Kind."""
        return "on" if value else "off"

    def restore(self, stored: object) -> bool:
        """See Kind."""
        if not isinstance(stored, bool):
            raise UnreadableValueError
        return stored


@dataclass(frozen=True, slots=True)
class Whole(Kind[int]):
    """A whole number of things."""

    minimum: int
    maximum: int
    things: str
    suggestions: ClassVar[tuple[str, ...]] = ()

    @property
    def hint(self) -> str:
        """See Kind."""
        return f"a whole number of {self.things} from {self.minimum:,} to {self.maximum:,}"

    def parse(self, typed: str) -> int:
        """See Kind."""
        digits = re.sub(r"[ ,_']|" + re.escape(self.things) + "$", "", typed.strip().casefold())
        if not re.fullmatch(r"\d{1,12}", digits, re.ASCII):
            raise refused(typed, self.hint)
        if not self.minimum <= (number := int(digits)) <= self.maximum:
            raise refused(typed, self.hint)
        return number

    def show(self, value: int) -> str:
        """See Kind."""
        return f"{value:,} {self.things}"

    def restore(self, stored: object) -> int:
        """See Kind; what is out of bounds, as they were other ones once, is brought into them."""
        if isinstance(stored, bool) or not isinstance(stored, int):
            raise UnreadableValueError
        return min(max(stored, self.minimum), self.maximum)


@dataclass(frozen=True, slots=True)
class Pace(Kind[float]):
    """How fast a voice speaks; 1 is its own pace, and 0 none where that may be left open."""

    minimum: float = 0.5
    maximum: float = 2.0
    may_be_unset: bool = False
    suggestions: ClassVar[tuple[str, ...]] = ("0.75", "1", "1.25", "1.5", "2")

    @property
    def hint(self) -> str:
        """See Kind."""
        none = ", or none" if self.may_be_unset else ""
        return f"a number from {self.minimum:g} to {self.maximum:g} (1 is the voice's own){none}"

    def parse(self, typed: str) -> float:
        """See Kind; a comma may stand for the point, and 150 % is 1.5."""
        plain = typed.strip().casefold().replace(",", ".").removesuffix("x").strip()
        if self.may_be_unset and plain in NOTHING:
            return 0.0
        scale = 0.01 if plain.endswith("%") else 1.0
        try:
            pace = round(float(plain.removesuffix("%")) * scale, 2)
        except ValueError:
            raise refused(typed, self.hint) from None
        if not self.minimum <= pace <= self.maximum:  # so is NaN
            raise refused(typed, self.hint)
        return pace

    def show(self, value: float) -> str:
        """See Kind."""
        return f"{value:g} times the voice's own" if value else "this server's"

    def restore(self, stored: object) -> float:
        """See Kind; what is out of bounds is brought into them."""
        if isinstance(stored, bool) or not isinstance(stored, int | float):
            raise UnreadableValueError
        if not math.isfinite(stored):
            raise UnreadableValueError
        if self.may_be_unset and stored == 0:
            return 0.0
        return min(max(float(stored), self.minimum), self.maximum)


@dataclass(frozen=True, slots=True)
class Seconds(Kind[int]):
    """A length of time in whole seconds; 0 is "never" where that is allowed."""

    minimum: int
    maximum: int
    may_be_never: bool = False
    suggestions: ClassVar[tuple[str, ...]] = ("30 s", "1 min", "5 min", "15 min", "1 h")

    @property
    def hint(self) -> str:
        """See Kind."""
        never = ', or "never"' if self.may_be_never else ""
        return f"a time from {in_words(self.minimum)} to {in_words(self.maximum)}{never}"

    def parse(self, typed: str) -> int:
        """See Kind; "90", "90 s", "5 min", "1 h 30 min" and "1:30" are times."""
        word = typed.strip().casefold()
        if self.may_be_never and word in NOTHING | {"never", "0"}:
            return 0
        seconds = duration_of(word)
        if seconds is None or not self.minimum <= seconds <= self.maximum:
            raise refused(typed, self.hint)
        return seconds

    def show(self, value: int) -> str:
        """See Kind."""
        return in_words(value) if value or not self.may_be_never else "never"

    def restore(self, stored: object) -> int:
        """See Kind; what is out of bounds is brought into them."""
        if isinstance(stored, bool) or not isinstance(stored, int):
            raise UnreadableValueError
        if self.may_be_never and stored == 0:
            return 0
        return min(max(stored, self.minimum), self.maximum)
