"""What a model is given: a sentence's words, in parts that fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.inference.text.cutting import cut_within
from services.inference.text.normalising import normalise
from services.inference.text.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to speak."""

    text: str
    """Normalised, and no longer than the model takes."""


def phrases(
    sentence: Sentence,
    language_code: str,
    max_characters: int,
    pronunciations: Mapping[str, str] | None = None,
) -> Sequence[Phrase]:
    """Returns what to speak for a sentence: mostly one phrase.

    None for a sentence without words, such as a row of dashes; several where the words take more
    room than what was written, as those of long numbers do.
    """
    words = normalise(sentence.text, language_code, pronunciations or {})
    return tuple(Phrase(part) for part in _parts(words, max_characters))


def _parts(words: str, max_characters: int) -> Iterator[str]:
    while len(words) > max_characters:
        end = cut_within(words, max_characters)
        yield words[:end].rstrip()
        words = words[end:].lstrip()
    if words:
        yield words
