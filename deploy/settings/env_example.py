"""Prints .env.example: every variable that is read, with what it is for and its default."""

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from textwrap import wrap

from compose_variables import compose_variables
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefinedType

from services.chassis.settings import PREFIX, ServiceSettings

ROOT = Path(__file__).parents[2]
WIDTH = 100
HEADER = """\
Every variable that is read, with its default. Written by make env-example, not by hand. For docker
compose, `make env` makes a .env with passwords of your own; add to it what you want otherwise. For
services that you start yourself: `set -a; source .env; set +a`. What stands in the first part
holds for all services; TTSTRAINER_<SERVICE>_<NAME>, such as TTSTRAINER_AUDIO_QC_LOG_LEVEL, sets it
for one alone."""


def main() -> None:
    """Writes the file to standard output."""
    lines = comment(HEADER.replace("\n", " "))
    each = sorted(services(), key=lambda settings: settings.service_name)
    lines += section("All services", PREFIX, shared_fields(each))
    for settings in each:
        lines += section(settings.service_name, settings.own_prefix(), own_fields(settings))
    lines += compose_section()
    sys.stdout.write("\n".join(lines) + "\n")


def services() -> list[type[ServiceSettings]]:
    """Returns the settings class of each service."""
    found = []
    for path in (*ROOT.glob("services/*/settings.py"), ROOT / "bot/settings.py"):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, ServiceSettings)
            and value is not ServiceSettings
            and value.__module__ == module.__name__
        ]
    return found


def shared_fields(each: list[type[ServiceSettings]]) -> dict[str, FieldInfo]:
    """Returns the common fields, without those that every service has a default of its own for."""
    everywhere = set.intersection(*[set(own_fields(settings)) for settings in each])
    common = ServiceSettings.model_fields
    return {name: field for name, field in common.items() if name not in everywhere}


def own_fields(settings: type[ServiceSettings]) -> dict[str, FieldInfo]:
    """Returns the fields that a service adds or gives another default."""
    declared = settings.__annotations__
    return {name: field for name, field in settings.model_fields.items() if name in declared}


def section(title: str, prefix: str, fields: dict[str, FieldInfo]) -> list[str]:
    """Returns the lines of one group of variables."""
    lines = heading(title)
    for name, field in fields.items():
        lines += [
            "",
            *comment(field.description or ""),
            f"#{prefix}{name.upper()}={default(field)}",
        ]
    return lines


def compose_section() -> list[str]:
    """Returns the lines of what compose itself reads."""
    lines = heading("docker compose")
    for meaning, variables in compose_variables().items():
        lines += ["", *comment(meaning), *(f"#{name}={value}" for name, value in variables.items())]
    return lines


def heading(title: str) -> list[str]:
    """Returns the line above a group of variables."""
    return ["", f"# --- {title} {'-' * (WIDTH - len(title) - 7)}"]


def comment(text: str) -> list[str]:
    """Returns a text as comment lines."""
    return wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")


def default(field: FieldInfo) -> str:
    """Returns a default as one writes it in the environment; nothing where there is none."""
    value = field.get_default(call_default_factory=True)
    match value:
        case None | PydanticUndefinedType():
            return ""
        case SecretStr():
            return value.get_secret_value()
        case bool() | list() | tuple() | dict():
            return json.dumps(value)
        case Path():
            # The folder for temporary files differs from machine to machine.
            return str(value).replace(tempfile.gettempdir(), "/tmp", 1)  # noqa: S108
        case _:
            return str(value)


if __name__ == "__main__":
    main()
