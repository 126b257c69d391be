"""Names of files, shown to people and given to what is made from them."""

import os
import re
from collections.abc import Container
from pathlib import Path

# The longest suffix that is added to a stem is ".transcript.json"; file systems allow 255 bytes.
MAX_STEM_BYTES = 200
MAX_VOICE_LENGTH = 63


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


def _shortened(stem: str) -> str:
    content = os.fsencode(stem)
    if len(content) <= MAX_STEM_BYTES:
        return stem
    return content[:MAX_STEM_BYTES].decode("utf-8", "ignore")
