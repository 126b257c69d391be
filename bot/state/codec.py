"""Values as JSON: what is missing is the default, what a newer release wrote stays."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from bot.state.kinds.kind import UnreadableValueError
from bot.state.model import GUILD_SETTINGS, MEMBER_SETTINGS, Ban, GuildSettings, MemberSettings
from bot.state.setting import Setting
from bot.text.dictionary import LONGEST_SPOKEN, LONGEST_WRITTEN, MOST_OF_A_GUILD, Dictionary

S = TypeVar("S")
T = TypeVar("T")
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How values of one type are stored."""

    default: T
    known: frozenset[str]
    """The fields that this release knows."""
    fields_of: Callable[[T], Fields]
    value_of: Callable[[Fields], T]

    def decode(self, stored: bytes) -> T:
        """Returns the value; raises UnreadableValueError for what is no JSON object.

        A field that cannot be read counts as missing.
        """
        return self.value_of(_object(stored))

    def encode(self, value: T, onto: bytes = b"") -> bytes:
        """Returns `value` as it is stored in the place of `onto`, b"" when it need not be.

        Defaults are not stored, so that better ones reach all who chose nothing.
        """
        try:
            unknown = {k: v for k, v in _object(onto).items() if k not in self.known}
        except UnreadableValueError:
            unknown = {}
        everything = {**unknown, **self.fields_of(value)}
        if not everything:
            return b""
        return json.dumps(everything, ensure_ascii=False, separators=(",", ":")).encode()


def _object(stored: bytes) -> Fields:
    try:
        found = json.loads(stored or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableValueError
    return found


def _settings_codec(default: S, settings: Mapping[str, Setting[S]]) -> Codec[S]:
    def fields_of(value: S) -> Fields:
        return {
            name: one.kind.store(chosen)
            for name, one in settings.items()
            if (chosen := getattr(value, name)) != one.default
        }

    def value_of(stored: Fields) -> S:
        value = default
        for name, one in settings.items():
            if name in stored:
                value = one.restored(value, stored[name])
        return value

    return Codec(default, frozenset(settings), fields_of, value_of)


def _dictionary_fields(value: Dictionary) -> Fields:
    return {"entries": dict(value.entries)} if value.entries else {}


def _dictionary(stored: Fields) -> Dictionary:
    entries = stored.get("entries")
    if not isinstance(entries, dict):
        return Dictionary()
    fitting = {
        written: spoken
        for written, spoken in entries.items()
        if isinstance(spoken, str)
        and 0 < len(written) <= LONGEST_WRITTEN
        and 0 < len(spoken) <= LONGEST_SPOKEN
    }
    return Dictionary(dict(list(fitting.items())[:MOST_OF_A_GUILD]))


def _ban_fields(value: Ban | None) -> Fields:
    if value is None:
        return {}
    return {
        "reason": value.reason,
        "banned_by_id": value.banned_by_id,
        "banned_at": value.banned_at,
    }


def _ban(stored: Fields) -> Ban:
    reason, by, at = (stored.get(name) for name in ("reason", "banned_by_id", "banned_at"))
    return Ban(
        reason=reason if isinstance(reason, str) else "",
        banned_by_id=by if isinstance(by, int) else 0,
        banned_at=float(at) if isinstance(at, int | float) else 0.0,
    )


GUILDS: Final[Codec[GuildSettings]] = _settings_codec(GuildSettings(), GUILD_SETTINGS)
MEMBERS: Final[Codec[MemberSettings]] = _settings_codec(MemberSettings(), MEMBER_SETTINGS)
DICTIONARIES: Final[Codec[Dictionary]] = Codec(
    Dictionary(), frozenset({"entries"}), _dictionary_fields, _dictionary
)
BANS: Final[Codec[Ban | None]] = Codec(
    None, frozenset({"reason", "banned_by_id", "banned_at"}), _ban_fields, _ban
)
