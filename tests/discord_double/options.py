"""Filling in a slash command as Discord's own form does: by the types that the bot declared."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tests.discord_double.files import File
from tests.discord_double.journal import Journal
from tests.discord_double.payloads import (
    Json,
    channel_payload,
    member_payload,
    role_payload,
    user_payload,
)
from tests.discord_double.people import Person
from tests.discord_double.places import Channel, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = str | int | float | bool | File | Person | Channel | Role

_SUBCOMMANDS = (1, 2)
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
_TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (Person,),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (Person, Role),
    NUMBER: (int, float),
    ATTACHMENT: (File,),
}


@dataclass
class Form:
    """The data of one command interaction."""

    command: Json
    words: list[str]
    """The command and its subcommands."""
    place: Channel
    journal: Journal
    resolved: dict[str, Json] = field(default_factory=dict)

    def data(
        self, values: "Mapping[str, Value]", *, focused: str | None = None, typed: str = ""
    ) -> Json:
        """Returns the filled-in command; with `focused`, what is known while that is typed.

        Raises:
            AssertionError: Discord's form would not let these values through.
        """
        declared = self._declared()
        filled = [self._filled(declared, name, value) for name, value in values.items()]
        if focused is None:
            missing = {name for name, option in declared.items() if option.get("required")}
            assert missing <= values.keys(), f"{self.words} needs {missing - values.keys()}"
        else:
            option = declared[focused]
            assert option.get("autocomplete"), f"{focused!r} has no autocomplete"
            filled.append(
                {"name": focused, "type": option["type"], "value": typed, "focused": True}
            )
        options = filled
        for word, kind in reversed(self._path()):
            options = [{"name": word, "type": kind, "options": options}]
        return {
            "id": self.command["id"],
            "name": self.command["name"],
            "type": 1,
            "options": options,
            "resolved": self.resolved,
        }

    def _path(self) -> list[tuple[str, int]]:
        path, node = [], self.command
        for word in self.words[1:]:
            node = _child(node, word)
            path.append((word, int(node["type"])))
        return path

    def _declared(self) -> dict[str, Json]:
        node = self.command
        for word in self.words[1:]:
            node = _child(node, word)
        options = node.get("options") or []
        assert all(option["type"] not in _SUBCOMMANDS for option in options), (
            f"{self.words} needs one of {[option['name'] for option in options]}"
        )
        return {option["name"]: option for option in options}

    def _filled(self, declared: dict[str, Json], name: str, value: Value) -> Json:
        assert name in declared, f"{self.words} has no option {name!r}, but {list(declared)}"
        option = declared[name]
        kind = int(option["type"])
        fits = isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == BOOLEAN)
        assert fits, f"{name!r} takes no {value!r}"
        _check_bounds(option, value)
        return {"name": name, "type": kind, "value": self._plain(value)}

    def _plain(self, value: Value) -> str | int | float | bool:
        if isinstance(value, Person):
            self._resolve("users", value.id, user_payload(value.user))
            member = member_payload(value, with_user=False) | {"permissions": "0"}
            self._resolve("members", value.id, member)
            return str(value.id)
        if isinstance(value, Role):
            self._resolve("roles", value.id, role_payload(value))
            return str(value.id)
        if isinstance(value, Channel):
            self._resolve("channels", value.id, channel_payload(value) | {"permissions": "0"})
            return str(value.id)
        if isinstance(value, File):
            (attachment,) = self.journal.keep(self.place, [value])
            self._resolve("attachments", attachment.id, attachment.payload())
            return str(attachment.id)
        return value

    def _resolve(self, kind: str, entity_id: int, payload: Json) -> None:
        self.resolved.setdefault(kind, {})[str(entity_id)] = payload


def _child(node: Json, word: str) -> Json:
    children = {option["name"]: option for option in node.get("options") or []}
    assert word in children, f"{node['name']} has no {word!r}, but {list(children)}"
    return dict(children[word])


def _check_bounds(option: Json, value: Value) -> None:
    choices = [choice["value"] for choice in option.get("choices") or []]
    assert not choices or value in choices, f"{value!r} is none of {choices}"
    if isinstance(value, str):
        size, least, most = len(value), option.get("min_length"), option.get("max_length")
    elif isinstance(value, int | float):
        size, least, most = value, option.get("min_value"), option.get("max_value")  # type: ignore[assignment]
    else:
        return
    name = option["name"]
    assert least is None or size >= least, f"{name!r} is at least {least}, not {size}"
    assert most is None or size <= most, f"{name!r} is at most {most}, not {size}"
