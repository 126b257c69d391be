"""Reading settings at start: a mistake ends the process with one line that names it."""

import os
import sys
from difflib import get_close_matches
from typing import TypeVar

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from services.chassis.settings import PREFIX, ServiceSettings

BAD_SETTINGS_EXIT_CODE = 2

S = TypeVar("S", bound=ServiceSettings)


def load(settings_type: type[S]) -> S:
    """Returns the settings, or ends the process with one line that names what is wrong."""
    problems = [_unknown(settings_type, name) for name in _unknown_variables(settings_type)]
    try:
        settings = settings_type()
    except ValidationError as error:
        problems += [_described(settings_type, problem) for problem in error.errors()]
    except SettingsError as error:  # a list or a table that is not JSON; the text names the field
        problems.append(str(error))
    else:
        if not problems:
            return settings
    sys.stderr.write(f"{settings_type.service_name}: {'; '.join(problems)}\n")
    sys.exit(BAD_SETTINGS_EXIT_CODE)


def _unknown_variables(settings_type: type[ServiceSettings]) -> list[str]:
    """A misspelt shared variable may be another program's, the service's own prefix is ours."""
    prefix = settings_type.own_prefix()
    known = {prefix + name.upper() for name in settings_type.model_fields}
    return sorted(name for name in os.environ if name.startswith(prefix) and name not in known)


def _unknown(settings_type: type[ServiceSettings], variable: str) -> str:
    known = [settings_type.own_prefix() + name.upper() for name in settings_type.model_fields]
    close = get_close_matches(variable, known, n=1)
    hint = f": did you mean {close[0]}?" if close else ""
    return f"{variable} is not a setting{hint}"


def _described(settings_type: type[ServiceSettings], problem: ErrorDetails) -> str:
    message = problem["msg"].removeprefix("Value error, ").split(", unable to parse")[0]
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    own, shared = settings_type.own_prefix() + name.upper(), PREFIX + name.upper()
    if problem["type"] == "missing":
        return f"{own} (or {shared}) is not set"
    variable = shared if os.environ.get(shared) and not os.environ.get(own) else own
    secret = settings_type.model_fields[name].annotation is SecretStr
    value = "its value" if secret else f'"{problem["input"]}"'
    if message.startswith("Input should be "):
        return f"{variable}: {value} is not {message.removeprefix('Input should be ')}"
    return f"{variable}: {value}: {message}"
