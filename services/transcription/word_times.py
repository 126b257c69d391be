"""The times of words: what Whisper's cross-attention says, without the pauses it swallows."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from services.transcription.recognition import Word

LONGEST_MEDIAN_SECONDS = 0.7


def trimmed(words: Sequence[Word], duration_seconds: float) -> tuple[Word, ...]:
    """Returns the words within 0 and `duration_seconds`, the outer ones not stretched by a pause.

    The alignment gives each moment to some word, so the first starts at 0 and the last ends with
    the audio, pauses included. As in OpenAI's `whisper.timing.add_word_timestamps`, a word next to
    a pause lasts at most twice the median duration of the words.
    """
    if not words:
        return ()
    durations = [w.end_seconds - w.start_seconds for w in words if w.end_seconds > w.start_seconds]
    longest = 2 * min(LONGEST_MEDIAN_SECONDS, median(durations)) if durations else 0.0
    kept = list(words)
    first, last = kept[0], kept[-1]
    if len(kept) > 1 and longest:
        start = max(first.start_seconds, first.end_seconds - longest)
        kept[0] = replace(first, start_seconds=start)
        end = min(last.end_seconds, last.start_seconds + longest)
        kept[-1] = replace(last, end_seconds=end)
    return tuple(
        replace(
            word,
            start_seconds=round(min(max(word.start_seconds, 0.0), duration_seconds), 3),
            end_seconds=round(min(max(word.end_seconds, 0.0), duration_seconds), 3),
        )
        for word in kept
    )
