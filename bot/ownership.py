"""Whose a cloned voice is: its id says so, and nobody else can choose it."""

import re
from typing import Final

_OWN: Final = re.compile(r"discord-(?P<guild>\d{1,20})-(?P<user>\d{1,20})-(?P<suffix>[0-9a-f]{8})")


def own_voice_id(guild_id: int, user_id: int, suffix: str) -> str:
    """Returns the id of a new voice of a member; `suffix` is eight hexadecimal digits."""
    return f"discord-{guild_id}-{user_id}-{suffix}"


def owner_of(voice_id: str) -> tuple[int, int] | None:
    """Returns the guild and the member whose voice it is; None for voices that are nobody's."""
    found = _OWN.fullmatch(voice_id)
    return (int(found["guild"]), int(found["user"])) if found else None


def is_own(voice_id: str, guild_id: int, user_id: int) -> bool:
    """Says whether a voice is this member's."""
    return owner_of(voice_id) == (guild_id, user_id)


def may_use(voice_id: str, guild_id: int, user_id: int) -> bool:
    """Says whether a member may speak with a voice: with everybody's and with their own."""
    return owner_of(voice_id) in {None, (guild_id, user_id)}
