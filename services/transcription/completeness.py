"""Finds clips in which the recogniser lost something, or made something up."""

from collections.abc import Sequence

from services.speech.regions import Region
from services.transcription.recognition import Recognition, compression_ratio

MAX_COMPRESSION_RATIO = 2.4
MAX_UNHEARD_SECONDS = 1.0
"""Speech without words that is taken for a loss; the times of words are not more exact."""


def unheard_seconds(recognition: Recognition, speech: Sequence[Region]) -> float:
    """Returns how much of the speech lies before the first or after the last word."""
    words = recognition.words
    if not words:
        return sum(region.end_seconds - region.start_seconds for region in speech)
    first, last = words[0].start_seconds, words[-1].end_seconds
    before = sum(max(0.0, min(r.end_seconds, first) - r.start_seconds) for r in speech)
    after = sum(max(0.0, r.end_seconds - max(r.start_seconds, last)) for r in speech)
    return before + after


def is_doubtful(recognition: Recognition, speech: Sequence[Region]) -> bool:
    """Tells whether a clip must be decoded again: words are lost, or a phrase goes round."""
    looping = compression_ratio(recognition.text) > MAX_COMPRESSION_RATIO
    lost = not recognition.text or unheard_seconds(recognition, speech) > MAX_UNHEARD_SECONDS
    return looping or (bool(speech) and lost)


def better(first: Recognition, second: Recognition, speech: Sequence[Region]) -> Recognition:
    """Returns the one of two decodings that hears more of the speech without repeating itself."""

    def rank(recognition: Recognition) -> tuple[bool, bool, float]:
        looping = compression_ratio(recognition.text) > MAX_COMPRESSION_RATIO
        return looping, not recognition.text, unheard_seconds(recognition, speech)

    return second if rank(second) < rank(first) else first
