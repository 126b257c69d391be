"""Lengths of time as people type and read them."""

import re

_UNITS = {"h": 3600, "m": 60, "s": 1}
_PARTS = re.compile(
    r"(?:(?P<h>\d{1,5})\s*h(?:ours?|rs?)?)?\s*"
    r"(?:(?P<m>\d{1,5})\s*m(?:in(?:utes?|s)?)?)?\s*"
    r"(?:(?P<s>\d{1,7})\s*(?:s(?:ec(?:onds?|s)?)?)?)?",
    re.ASCII,
)
_CLOCK = re.compile(r"(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,3}):(?P<s>[0-5]\d)", re.ASCII)
_NAMES = (("hour", 3600), ("minute", 60), ("second", 1))


def duration_of(typed: str) -> int | None:
    """Returns the seconds in "90", "90 s", "5 min", "1 h 30 min" or "1:30"; None for others."""
    plain = typed.strip().casefold()
    found = _CLOCK.fullmatch(plain) or _PARTS.fullmatch(plain)
    if not plain or not found:
        return None
    return sum(int(found[name] or 0) * seconds for name, seconds in _UNITS.items())


def in_words(seconds: int) -> str:
    """Returns such as "1 minute 30 seconds", which `duration_of` reads back."""
    parts = []
    for name, size in _NAMES:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts) or "0 seconds"
