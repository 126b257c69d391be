"""Videos of people who speak: recorded prompts with known text, in the formats that people drop."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests import speech
from tests.recorded_media import PICTURE, VIDEOS, encode

MIN_SECONDS = 3.2
MAX_SECONDS = 6.0
MIN_WORDS = 6
GAP_SECONDS = 0.8
PICTURES_PER_SECOND = 5
# Texts that are written as they are spoken: no digits, signs, lists or beginnings left out.
UNSPOKEN = re.compile(r"[\d*#:]|\.\.\.|[A-Z]{2}|Un-indentified")

Prompts = Sequence[tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class Saying:
    """One prompt of a talk."""

    text: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Talk:
    """A video, and what is said in it."""

    path: Path
    sayings: tuple[Saying, ...]

    @property
    def speech_seconds(self) -> float:
        """How long somebody speaks."""
        return sum(each.end_seconds - each.start_seconds for each in self.sayings)


def sentences(language: str = "en") -> list[tuple[Path, str]]:
    """Returns prompts that say one or two whole sentences, none of them twice."""
    found: dict[str, tuple[Path, str]] = {}
    for path, text in speech.prompts(language, min_seconds=MIN_SECONDS, min_words=MIN_WORDS):
        if not UNSPOKEN.search(text) and _seconds(path) <= MAX_SECONDS:
            found.setdefault(text.casefold(), (path, text))
    return list(found.values())


def record(path: Path, prompts: Prompts) -> Talk:
    """Makes a video of the prompts, one after the other; the suffix says in which format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = _whole_frames(speech.talk([path for path, _ in prompts], gap_seconds=GAP_SECONDS))
    with TemporaryDirectory() as folder:
        wav = speech.save(Path(folder, "talk.wav"), samples)
        length = str(len(samples) / speech.SAMPLE_RATE_HERTZ)
        encode(path, *PICTURE, "-i", wav, *VIDEOS[path.suffix.removeprefix(".")], "-t", length)
    return Talk(path, tuple(_sayings(prompts)))


def _sayings(prompts: Prompts) -> Iterator[Saying]:
    start_seconds = GAP_SECONDS
    for path, text in prompts:
        end_seconds = start_seconds + _seconds(path)
        yield Saying(text, start_seconds, end_seconds)
        start_seconds = end_seconds + GAP_SECONDS


def _whole_frames(samples: speech.Samples) -> speech.Samples:
    """Adds silence until picture and sound end together, so that the file is as long as both."""
    frame = speech.SAMPLE_RATE_HERTZ // PICTURES_PER_SECOND
    return np.pad(samples, (0, -len(samples) % frame))


def _seconds(path: Path) -> float:
    return path.stat().st_size / speech.G722_BYTES_PER_SECOND
