"""Under which keys the bucket holds what is remembered of whom."""

import re
from typing import Any, Final

from bot.state.codec import BANS, DICTIONARIES, GUILDS, MEMBERS, Codec

READ: Final = "read"
"""Written by each replica that starts, to know when it has read what was there before."""
_CODECS: Final[tuple[tuple[re.Pattern[str], Codec[Any]], ...]] = (
    (re.compile(r"guild\.\d+\.settings"), GUILDS),
    (re.compile(r"guild\.\d+\.dictionary"), DICTIONARIES),
    (re.compile(r"guild\.\d+\.member\.\d+"), MEMBERS),
    (re.compile(r"guild\.\d+\.ban\.\d+"), BANS),
    (re.compile(r"person\.\d+\.dictionary"), DICTIONARIES),
)


def codec_of(key: str) -> Codec[Any] | None:
    """Returns how the value of `key` is stored; None for a key that this release does not know."""
    return next((codec for pattern, codec in _CODECS if pattern.fullmatch(key)), None)


def of_guild(guild_id: int) -> str:
    """Returns what all keys of a guild begin with."""
    return f"guild.{guild_id:d}."


def settings(guild_id: int) -> str:
    """Returns the key of the settings of a guild."""
    return f"{of_guild(guild_id)}settings"


def guild_dictionary(guild_id: int) -> str:
    """Returns the key of the dictionary of a guild."""
    return f"{of_guild(guild_id)}dictionary"


def member(guild_id: int, user_id: int) -> str:
    """Returns the key of what a member of a guild has chosen."""
    return f"{of_guild(guild_id)}member.{user_id:d}"


def bans(guild_id: int) -> str:
    """Returns what the keys of the bans of a guild begin with."""
    return f"{of_guild(guild_id)}ban."


def ban(guild_id: int, user_id: int) -> str:
    """Returns the key of the ban of a person in a guild."""
    return f"{bans(guild_id)}{user_id:d}"


def of_person(user_id: int) -> str:
    """Returns what all keys of a person begin with, of whatever guild."""
    return f"person.{user_id:d}."


def own_dictionary(user_id: int) -> str:
    """Returns the key of a person's own dictionary."""
    return f"{of_person(user_id)}dictionary"


def is_about(key: str, user_id: int) -> bool:
    """Says whether a key holds what a person has chosen; bans are the guild's."""
    return key.startswith(of_person(user_id)) or key.endswith(f".member.{user_id:d}")
