"""Ids of roles and channels: people mention them, or copy the id."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.state.kinds.kind import NOTHING, Kind, UnreadableValueError, refused

_ROLE = re.compile(r"(?:<@&)?(\d{1,20})>?", re.ASCII)
_CHANNEL = re.compile(r"(?:<#)?(\d{1,20})>?", re.ASCII)
_MAX_ID = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Role(Kind[int]):
    """The id of a role, or 0."""

    hint: ClassVar[str] = "a role, mentioned or as its id, or none"
    suggestions: ClassVar[tuple[str, ...]] = ("none",)

    def parse(self, typed: str) -> int:
        """See Kind."""
        if typed.strip().casefold() in NOTHING:
            return 0
        return _id_in(_ROLE, typed, self.hint)

    def show(self, value: int) -> str:
        """See Kind."""
        return f"<@&{value}>" if value else "none"

    def restore(self, stored: object) -> int:
        """See Kind."""
        return _restored_id(stored, least=0)


@dataclass(frozen=True, slots=True)
class Channels(Kind[tuple[int, ...]]):
    """Ids of channels, in order and each once."""

    most: int
    suggestions: ClassVar[tuple[str, ...]] = ("none",)

    @property
    def hint(self) -> str:
        """See Kind."""
        return f"up to {self.most} channels, mentioned or as their ids, or none"

    def parse(self, typed: str) -> tuple[int, ...]:
        """See Kind."""
        if typed.strip().casefold() in NOTHING:
            return ()
        parts = re.sub(r"(?<=>)(?=<)", " ", typed).replace(",", " ").split()
        ids = {_id_in(_CHANNEL, part, self.hint) for part in parts}
        if not 0 < len(ids) <= self.most:
            raise refused(typed, self.hint)
        return tuple(sorted(ids))

    def show(self, value: tuple[int, ...]) -> str:
        """See Kind."""
        return " ".join(f"<#{channel_id}>" for channel_id in value) or "none"

    def restore(self, stored: object) -> tuple[int, ...]:
        """See Kind."""
        if not isinstance(stored, list):
            raise UnreadableValueError
        return tuple(sorted({_restored_id(item, least=1) for item in stored})[: self.most])


def _id_in(pattern: re.Pattern[str], typed: str, hint: str) -> int:
    found = pattern.fullmatch(typed.strip())
    if not found or not 0 < (number := int(found[1])) <= _MAX_ID:
        raise refused(typed, hint)
    return number


def _restored_id(stored: object, *, least: int) -> int:
    if isinstance(stored, bool) or not isinstance(stored, int) or not least <= stored <= _MAX_ID:
        raise UnreadableValueError
    return stored
