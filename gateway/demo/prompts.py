"""Recorded prompts with known text: Allison Smith's, from Debian's asterisk-core-sounds-en."""

import gzip
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ATTRIBUTION = (
    "Speech: the Asterisk core sounds, spoken by Allison Smith, CC BY-SA 3.0 "
    "(Debian packages asterisk-core-sounds-en and asterisk-core-sounds-en-g722)."
)
# `make setup` unpacks the packages into the environment; apt would put them into /usr/share.
PLACES = (Path(sys.prefix, "share/asterisk-core-sounds/usr/share"), Path("/usr/share"))
SOUNDS = "asterisk/sounds/en_US_f_Allison"
TEXTS = "doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
G722_BYTES_PER_SECOND = 8_000
MIN_SECONDS = 2.5
MAX_SECONDS = 9.0
MIN_WORDS = 5


class PromptsMissingError(Exception):
    """The recordings are not installed; the message says how to get them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One recording of a sentence or two."""

    path: Path
    """G.722, 16 kHz."""
    text: str
    seconds: float


def recorded_prompts(count: int, *, seed: int) -> list[Prompt]:
    """Returns `count` different prompts, sentences of a few seconds, always the same for a seed.

    Raises:
        PromptsMissingError: the recordings are not installed.
    """
    for place in PLACES:
        sounds, texts = place / SOUNDS, place / TEXTS
        if sounds.is_dir() and texts.is_file():
            prompts = _sentences(sounds, _said(texts))
            random.Random(seed).shuffle(prompts)  # noqa: S311 - a choice, not a secret
            return prompts[:count]
    message = (
        "The recorded prompts are not installed: run `make setup`, or install the Debian packages "
        "asterisk-core-sounds-en and asterisk-core-sounds-en-g722."
    )
    raise PromptsMissingError(message)


def _sentences(sounds: Path, said: dict[str, str]) -> list[Prompt]:
    found = []
    for path in sorted(sounds.rglob("*.g722")):
        text = said.get(str(path.relative_to(sounds).with_suffix("")), "")
        seconds = path.stat().st_size / G722_BYTES_PER_SECOND
        if MIN_SECONDS <= seconds <= MAX_SECONDS and len(text.split()) >= MIN_WORDS:
            found.append(Prompt(path, text, seconds))
    return found


def _said(texts: Path) -> dict[str, str]:
    """Reads lines such as "vm-intro: Please leave your message. (simple tone sound plays)"."""
    said = {}
    with gzip.open(texts, "rt", encoding="utf-8-sig", errors="replace") as lines:
        for line in lines:
            name, colon, text = line.partition(":")
            if colon and not line.startswith(";"):
                said[name.strip()] = _spoken(text)
    return said


def _spoken(text: str) -> str:
    """Returns what is spoken: no sounds, which stand in brackets, and keys by their names."""
    words = re.sub(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>", " ", text)
    return " ".join(words.replace("*", " star ").replace("#", " pound ").split())
