"""Settings: fields of a frozen dataclass that say themselves what they are for and may be."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar

from bot.state.kinds.kind import Kind, UnreadableValueError
from services.chassis.errors import InvalidInputError, NotFoundError

RESET = frozenset({"default", "reset"})
"""What a person types to have a setting as it was in the beginning."""
_KEY = "setting"

S = TypeVar("S")
T = TypeVar("T")


def setting(default: T, kind: Kind[T], description: str) -> T:
    """Declares a field of a dataclass that is a setting, and says what it is for."""
    return field(default=default, metadata={_KEY: (kind, description)})


@dataclass(frozen=True, slots=True)
class Setting(Generic[S]):
    """One setting of the dataclass S, as a command shows and changes it."""

    name: str
    description: str
    kind: Kind[Any]
    default: Any

    def shown(self, settings: S) -> str:
        """Returns the value that it has in `settings`, for people."""
        return self.kind.show(getattr(settings, self.name))

    def changed(self, settings: S, typed: str) -> S:
        """Returns `settings` with what a person typed; "default" undoes every change.

        Raises:
            InvalidInputError: it cannot have this value; the message says which it can.
        """
        if typed.strip().casefold() in RESET:
            return self._with(settings, self.default)
        try:
            return self._with(settings, self.kind.parse(typed))
        except InvalidInputError as error:
            raise InvalidInputError(error.message, reason=error.reason, field=self.name) from None

    def restored(self, settings: S, stored: object) -> S:
        """Returns `settings` with what was stored, or as they are when that cannot be read."""
        try:
            return self._with(settings, self.kind.restore(stored))
        except UnreadableValueError:
            return settings

    def _with(self, settings: S, value: object) -> S:
        return replace(settings, **{self.name: value})  # type: ignore[type-var] # a dataclass


def settings_of(type_: type[S]) -> Mapping[str, Setting[S]]:
    """Returns the settings that the dataclass declares, in its order, by name."""
    return {
        one.name: Setting(one.name, one.metadata[_KEY][1], one.metadata[_KEY][0], one.default)
        for one in fields(type_)  # type: ignore[arg-type] # a dataclass
        if _KEY in one.metadata
    }


def named(settings: Mapping[str, Setting[S]], typed: str) -> Setting[S]:
    """Returns the setting that a person means by its name; dashes and spaces are alike.

    Raises:
        NotFoundError: there is none; the message names the one that is most like it.
    """
    name = "_".join(typed.replace("-", " ").replace("_", " ").casefold().split())
    if name in settings:
        return settings[name]
    like = difflib.get_close_matches(name, settings, n=1, cutoff=0.5)
    guess = f" Did you mean `{like[0]}`?" if like else ""
    message = f"There is no such setting.{guess} `settings` lists them all."
    raise NotFoundError(message, reason="NO_SUCH_SETTING")
