"""Names of people, roles and channels, and how they are said."""

import unicodedata
from typing import Final, Protocol

from bot.text.repeats import limit_repeats

LONGEST_NAME: Final = 32
MOST_REPEATED: Final = 2
_JOINERS = frozenset("'’.-")  # noqa: RUF001 - people write both
_CATEGORIES = frozenset("LMN")


class Names(Protocol):
    """What ids stand for in a guild, as Discord shows it; None for what is not there."""

    def member(self, user_id: int) -> str | None:
        """Returns the nickname of a member."""

    def role(self, role_id: int) -> str | None:
        """Returns the name of a role."""

    def channel(self, channel_id: int) -> str | None:
        """Returns the name of a channel or thread."""


def spoken_name(name: str | None, otherwise: str) -> str:
    """Returns what can be said of a name, with neither marks nor pictures; else `otherwise`."""
    plain = "".join(_spoken(c) for c in unicodedata.normalize("NFKC", name or ""))
    short = limit_repeats(" ".join(plain.split()), MOST_REPEATED)
    if len(short) > LONGEST_NAME:
        short = short[: LONGEST_NAME + 1].rpartition(" ")[0] or short[:LONGEST_NAME]
    return short.strip(" '’.-") if any(c.isalnum() for c in short) else otherwise  # noqa: RUF001


def _spoken(character: str) -> str:
    if unicodedata.category(character)[0] in _CATEGORIES or character in _JOINERS:
        return character
    return " "
