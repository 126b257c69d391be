"""What may be said of a voice."""

import re

from services.chassis.errors import InvalidInputError
from services.inference.voices.voice import VOICE_ID

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
MAX_NAME_CHARACTERS = 200


def check_voice_id(voice_id: str, *, field: str) -> None:
    """Raises InvalidInputError for what cannot name a voice."""
    if not VOICE_ID.fullmatch(voice_id):
        message = (
            f"{voice_id!r} cannot name a voice: use 1 to 63 letters, digits, dots, dashes and "
            "underscores, starting with a letter or a digit."
        )
        raise InvalidInputError(message, reason="INVALID_VOICE_ID", field=field)


def check_language(language_code: str, *, field: str) -> None:
    """Raises InvalidInputError for what is no language."""
    if not LANGUAGE_TAG.fullmatch(language_code):
        message = f"{language_code!r} is not a language: give a BCP-47 tag such as 'en'."
        raise InvalidInputError(message, reason="UNKNOWN_LANGUAGE", field=field)


def check_display_name(display_name: str, *, field: str) -> None:
    """Raises InvalidInputError for a name that nobody can read."""
    if len(display_name) > MAX_NAME_CHARACTERS:
        message = f"The display name is longer than {MAX_NAME_CHARACTERS} characters."
        raise InvalidInputError(message, reason="NAME_TOO_LONG", field=field)
