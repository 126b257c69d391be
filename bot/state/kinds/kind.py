"""What every kind of value can do."""

from abc import abstractmethod
from typing import Final, Protocol, TypeVar

from services.chassis.errors import InvalidInputError

T = TypeVar("T")

NOTHING: Final = frozenset({"", "none", "nothing", "nobody", "no", "off", "-"})
"""What a person types for no value at all."""
LONGEST_SHOWN: Final = 40
"""How much of what was typed an error repeats."""


class UnreadableValueError(ValueError):
    """What was stored is no value of this kind."""


class Kind(Protocol[T]):
    """How values of one kind are typed, shown and stored."""

    @property
    def hint(self) -> str:
        """What may be typed, to go on with "Give ...", such as "a number from 1 to 5"."""
        ...

    @property
    def suggestions(self) -> tuple[str, ...]:
        """What a completion may offer at once."""
        ...

    @abstractmethod
    def parse(self, typed: str) -> T:
        """Returns what a person meant; raises InvalidInputError with what they may type."""

    @abstractmethod
    def show(self, value: T) -> str:
        """Returns `value` as a person reads it on Discord, mentions included."""

    @abstractmethod
    def restore(self, stored: object) -> T:
        """Returns the value in what was stored as JSON; raises UnreadableValueError."""

    def store(self, value: T) -> object:
        """Returns `value` as what JSON knows."""
        return list(value) if isinstance(value, tuple) else value


def refused(typed: str, hint: str) -> InvalidInputError:
    """Returns the refusal of what was typed, of which the beginning is shown."""
    shown = typed if len(typed) <= LONGEST_SHOWN else f"{typed[:LONGEST_SHOWN]}…"
    message = f"“{shown}” is not possible here. Give {hint}."
    return InvalidInputError(message, reason="SETTING_OUT_OF_RANGE")
