"""Compares what a dataset holds with what was really said."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import jiwer

MAX_WORD_ERROR_RATE = 0.06
MIN_KEPT_RATIO = 0.80


@dataclass(frozen=True, slots=True)
class Speech:
    """Something that is said in one recording, in order of time."""

    start_seconds: float
    end_seconds: float
    text: str

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True)
class Score:
    """How good a dataset is, for a recording or for all."""

    real_seconds: float
    """The speech that there was."""
    kept_seconds: float
    """The part of it that lies in kept clips."""
    word_count: int
    """The words that were said in kept clips."""
    error_count: int
    """The words that are wrong, missing or too many in the texts of kept clips."""

    @property
    def word_error_rate(self) -> float:
        """Errors for each word said."""
        return self.error_count / self.word_count if self.word_count else 1.0

    @property
    def kept_ratio(self) -> float:
        """The share of the speech that was kept."""
        return self.kept_seconds / self.real_seconds if self.real_seconds else 0.0

    @property
    def is_good(self) -> bool:
        """Says whether both limits are kept."""
        return self.word_error_rate <= MAX_WORD_ERROR_RATE and self.kept_ratio >= MIN_KEPT_RATIO


def score(said: Sequence[Speech], clips: Sequence[Speech], kept: Container[Speech]) -> Score:
    """Compares the kept clips of one recording with what was said at their time.

    Clips are cut at pauses, not between prompts, so a clip may hold several prompts and a prompt
    may be spread over several clips: what overlaps is compared together.
    """
    word_count = error_count = 0
    for prompts, pieces in _overlapping(said, clips):
        if not any(piece in kept for piece in pieces):
            continue
        truth = normalised(" ".join(each.text for each in prompts))
        heard = normalised(" ".join(each.text for each in pieces))
        if truth:
            compared = jiwer.process_words(truth, heard)
            error_count += compared.substitutions + compared.deletions + compared.insertions
        else:
            error_count += len(heard.split())
        word_count += len(truth.split())
    kept_seconds = sum(
        _overlap_seconds(each, clip) for each in said for clip in clips if clip in kept
    )
    return Score(sum(each.seconds for each in said), kept_seconds, word_count, error_count)


def word_error_rate(said: str, heard: str) -> float:
    """Returns the words that are wrong, missing or too many in `heard`, for each word of `said`."""
    return float(jiwer.wer(normalised(said), normalised(heard)))


def total(scores: Sequence[Score]) -> Score:
    """Adds scores up."""
    return Score(
        sum(each.real_seconds for each in scores),
        sum(each.kept_seconds for each in scores),
        sum(each.word_count for each in scores),
        sum(each.error_count for each in scores),
    )


def normalised(text: str) -> str:
    """Returns the words alone, as word error rates are counted: no case, no punctuation."""
    words = re.sub(
        r"[^\w' ]+",
        " ",
        text.casefold().replace("-", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
    )
    return " ".join(_NUMBERS.get(word, word) for word in words.split())


# The prompts spell numbers out; Whisper writes most of them in digits.
_NUMBERS = {
    "0": "zero",
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "10": "ten",
    "11": "eleven",
    "12": "twelve",
}


def _overlapping(
    said: Sequence[Speech], clips: Sequence[Speech]
) -> Iterator[tuple[list[Speech], list[Speech]]]:
    """Yields the prompts and clips of each stretch of time that nothing reaches out of."""
    prompts: list[Speech] = []
    pieces: list[Speech] = []
    end_seconds = 0.0
    events = sorted(
        [(each.start_seconds, 0, each) for each in said]
        + [(each.start_seconds, 1, each) for each in clips],
        key=lambda event: event[:2],
    )
    for start_seconds, kind, each in events:
        if start_seconds >= end_seconds and (prompts or pieces):
            yield prompts, pieces
            prompts, pieces = [], []
        (pieces if kind else prompts).append(each)
        end_seconds = max(end_seconds, each.end_seconds)
    if prompts or pieces:
        yield prompts, pieces


def _overlap_seconds(one: Speech, other: Speech) -> float:
    start = max(one.start_seconds, other.start_seconds)
    return max(0.0, min(one.end_seconds, other.end_seconds) - start)
