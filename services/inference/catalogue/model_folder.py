"""A folder with a model in it, as coqui-tts writes it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.chassis.errors import InvalidInputError, ServiceError
from services.inference.catalogue.description import ModelDescription, describe
from services.inference.catalogue.speakers import speaker_names

CONFIG = "config.json"
_WEIGHT_SUFFIXES = frozenset({".pth", ".pt", ".json"})
_HEAD_BYTES = 1 << 16
_TAIL_BYTES = 1 << 20
"""A file of torch ends with a list of its contents and their checksums."""


def read_folder(folder: Path, known: ModelDescription | None = None) -> ModelDescription:
    """Returns what the model in a folder is, with a version that follows its content.

    What is `known` is returned if it is of that version, since large files may name speakers.
    Blocks. Raises InvalidInputError with the reason MODEL_INCOMPLETE, CORRUPT_CHECKPOINT or
    UNSUPPORTED_MODEL.
    """
    config = folder / CONFIG
    if not config.is_file():
        message = f"The model {folder.name!r} has no {CONFIG!r}: put the file into its folder."
        raise _refusal(message, "MODEL_INCOMPLETE")
    try:
        version = content_version(folder)
        if known and (known.name, known.version) == (folder.name, version):
            return known
        content = parsed(config.read_bytes(), folder.name)
        model = described(folder.name, version, content)
        return replace(model, speakers=speaker_names(model.kind, content, folder))
    except OSError as error:
        message = f"The folder of the model {folder.name!r} cannot be read: see its permissions."
        raise _refusal(message, "MODEL_INCOMPLETE") from error


def parsed(config: bytes, name: str) -> Mapping[str, Any]:
    """Returns what is in the config.json of a model; raises InvalidInputError as `read_folder`."""
    try:
        content = json.loads(config)
        if not isinstance(content, dict):
            raise TypeError  # noqa: TRY301 - one refusal for all that is no config
    except (ValueError, TypeError) as error:
        message = f"{CONFIG!r} of the model {name!r} cannot be read: put the original file there."
        raise _refusal(message, "CORRUPT_CHECKPOINT") from error
    return content


def described(name: str, version: str, config: Mapping[str, Any]) -> ModelDescription:
    """Returns what a config.json says of a model, without whom other files name.

    Raises InvalidInputError as `read_folder`.
    """
    try:
        return describe(name, version, config)
    except ServiceError:
        raise
    except Exception as error:
        message = (
            f"The model {name!r} is of no family that can be loaded: its {CONFIG!r} must say that "
            "it is xtts, vits or tortoise."
        )
        raise _refusal(message, "UNSUPPORTED_MODEL") from error


def content_version(folder: Path) -> str:
    """Returns a version that changes with the files; the same on every machine that has them.

    Gigabytes are not read for it: of each file its name, size, beginning and end.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.suffix in _WEIGHT_SUFFIXES):
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(_HEAD_BYTES))
            file.seek(max(0, size - _TAIL_BYTES))
            digest.update(file.read(_TAIL_BYTES))
    return digest.hexdigest()[:12]


def _refusal(message: str, reason: str) -> InvalidInputError:
    return InvalidInputError(message, reason=reason, field="model")
