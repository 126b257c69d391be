# ruff: noqa: RUF001 - many scripts share shapes
"""How long a text takes to say, roughly: the measure of a model that does not find its end."""

from services.inference.text.scripts import SYLLABLE_SECONDS, syllables

STOP_SECONDS = 0.4
CLAUSE_SECONDS = 0.2
DIGIT_SECONDS = 0.35
_STOPS = frozenset(".!?…。！？।؟")
_CLAUSES = frozenset(",;:–—、，；：،؛")
SLOWEST_RATIO = 3.0
SLACK_SECONDS = 3.0


def expected_seconds(text: str) -> float:
    """Returns how long `text` takes at a usual pace, with its pauses; 0 for nothing to say."""
    return sum(_seconds(character) for character in text)


def longest_seconds(text: str, speed: float = 1.0) -> float:
    """Returns the longest that speaking `text` can take: beyond it, a model has run away."""
    return (SLOWEST_RATIO * expected_seconds(text) + SLACK_SECONDS) / speed


def _seconds(character: str) -> float:
    if character.isalpha():
        return syllables(character) * SYLLABLE_SECONDS
    if character.isdigit():
        return DIGIT_SECONDS
    if character in _STOPS:
        return STOP_SECONDS
    return CLAUSE_SECONDS if character in _CLAUSES else 0.0
