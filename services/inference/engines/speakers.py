"""The speakers that models bring along, as their files name them."""

from collections.abc import Iterable
from pathlib import Path

from services.chassis.errors import InvalidInputError
from services.inference.engines.checkpoints import corrupt

MAX_SPEAKERS = 10_000
MAX_NAME_CHARACTERS = 200


def checked_names(names: Iterable[object], path: Path) -> tuple[str, ...]:
    """Returns the names of speakers, found in the file at `path`, if they are names.

    Raises InvalidInputError with the reason CORRUPT_CHECKPOINT.
    """
    found: dict[str, None] = {}
    for name in names:
        if not (isinstance(name, str) and _is_name(name)):
            raise corrupt(path, "it names a speaker by something that is no name")
        found[name] = None
        if len(found) > MAX_SPEAKERS:
            raise corrupt(path, f"it names more than {MAX_SPEAKERS:,} speakers")
    if not found:
        raise corrupt(path, "it names no speaker")
    return tuple(found)


def unknown_speaker(name: str) -> InvalidInputError:
    """Returns the refusal of a speaker whom a model does not bring along."""
    return InvalidInputError(
        f"The model has no speaker {name!r}: ListVoices names the voices that models bring along.",
        reason="UNKNOWN_SPEAKER",
        field="voice_id",
    )


def _is_name(name: str) -> bool:
    """Tells whether a name shows something, is short, and can be written as UTF-8."""
    has_surrogates = any("\ud800" <= character <= "\udfff" for character in name)
    return bool(name.strip()) and len(name) <= MAX_NAME_CHARACTERS and not has_surrogates
