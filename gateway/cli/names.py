"""Names of files, shown to people and given to what is made from them."""

import os
import re
from collections.abc import Container
from pathlib import Path

from gateway.cli.errors import UsageError

# The longest suffix that is added to a stem is ".transcript.json"; file systems allow 255 bytes.
MAX_STEM_BYTES = 200
MAX_VOICE_LENGTH = 63
VOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def printable(name: str) -> str:
    """Returns `name` on one line, with characters that a terminal would act on spelled out."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def stem_of(path: Path, recording_id: str, taken: Container[str]) -> str:
    """Returns what the files made from `path` are called: its stem, or with the id when taken."""
    stem = _shortened(path.stem)
    return stem if stem not in taken else f"{stem}-{recording_id[:8]}"


def voice_of(path: Path) -> str:
    """Returns a name for a voice, made from the name of the folder its recordings lie in."""
    folder = path if path.is_dir() else path.parent
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._")
    return words[:MAX_VOICE_LENGTH] or "voice"


def checked_voice(name: str) -> str:
    """Returns `name` if a voice can be called so.

    Raises:
        UsageError: it cannot; dataset ids and folders of the inbox are made from it.
    """
    if VOICE.fullmatch(name):
        return name
    raise UsageError(
        f"{name!r} cannot name a voice: use 1 to {MAX_VOICE_LENGTH} letters, digits, dots, dashes "
        "and underscores, starting with a letter or a digit."
    )


def _shortened(stem: str) -> str:
    content = os.fsencode(stem)
    if len(content) <= MAX_STEM_BYTES:
        return stem
    return content[:MAX_STEM_BYTES].decode("utf-8", "ignore")
