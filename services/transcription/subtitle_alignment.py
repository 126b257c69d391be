"""Gives each clip its words of the subtitles, by aligning them with the words that were heard."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz.distance import Levenshtein

from services.speech.text import normalised_words
from services.transcription.cuts import Cut
from services.transcription.recognition import Recognition
from services.transcription.subtitles import Cue

MAX_SHIFT_SECONDS = 5.0
"""Words further apart than this, after the subtitles' offset, are not the same."""
TOLERANCE_SECONDS = 0.5
"""How exact the times inside a cue are taken to be."""

Heard = tuple[Cut, Recognition]
"""A clip and what was recognised in it; times count from the start of the audio."""


@dataclass(frozen=True, slots=True)
class _Token:
    """One word, as it is written, compared, and about when it is said."""

    written: str
    compared: str
    seconds: float
    clip_index: int = -1


def aligned_texts(cues: Sequence[Cue], clips: Sequence[Heard], *, language: str) -> list[str]:
    """Returns, for each clip, the words of the subtitles that are said in it.

    All words of the subtitles are aligned with all words that were heard (Levenshtein), so cues
    may be shifted in time and may span clips. A word nobody heard goes to the clip in which its
    time lies, less the median shift of the words that were found; outside all clips it is dropped.
    """
    subtitle = _subtitle_tokens(cues, language)
    heard = _heard_tokens(clips, language)
    pairs = _pairs(subtitle, heard)
    shifts = [
        heard[j].seconds - subtitle[i].seconds
        for i, j in pairs
        if subtitle[i].compared == heard[j].compared
    ]
    shift = median(shifts) if shifts else 0.0
    owners = dict.fromkeys(range(len(subtitle)), -1)
    for i, j in pairs:
        if abs(heard[j].seconds - subtitle[i].seconds - shift) <= MAX_SHIFT_SECONDS:
            owners[i] = heard[j].clip_index
    words: list[list[str]] = [[] for _ in clips]
    floor = 0
    for i, token in enumerate(subtitle):
        owner = owners[i] if owners[i] >= 0 else _clip_at(clips, token.seconds + shift)
        if owner >= floor and token.written:
            words[owner].append(token.written)
            floor = owner
    return [" ".join(each) for each in words]


def _subtitle_tokens(cues: Sequence[Cue], language: str) -> list[_Token]:
    tokens = []
    for cue in cues:
        written = cue.text.split()
        step = (cue.end_seconds - cue.start_seconds) / max(1, len(written))
        for index, word in enumerate(written):
            middle = cue.start_seconds + (index + 0.5) * step
            tokens += _tokens(word, middle, language)
    return tokens


def _heard_tokens(clips: Sequence[Heard], language: str) -> list[_Token]:
    return [
        token
        for index, (_, recognition) in enumerate(clips)
        for word in recognition.words
        for token in _tokens(
            word.text, (word.start_seconds + word.end_seconds) / 2, language, clip_index=index
        )
    ]


def _tokens(word: str, seconds: float, language: str, *, clip_index: int = -1) -> list[_Token]:
    """Returns a token per compared word; the first bears what is written, such as `re-enter`."""
    compared = normalised_words(word, language=language)
    written = [word, *[""] * len(compared)]
    return [_Token(w, c, seconds, clip_index) for w, c in zip(written, compared, strict=False)]


def _pairs(subtitle: Sequence[_Token], heard: Sequence[_Token]) -> list[tuple[int, int]]:
    """Returns the indices of the words that the alignment puts beside each other."""
    opcodes = Levenshtein.opcodes(
        [token.compared for token in subtitle], [token.compared for token in heard]
    )
    return [
        pair
        for code in opcodes
        if code.tag in {"equal", "replace"}
        for pair in zip(
            range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=False
        )
    ]


def _clip_at(clips: Sequence[Heard], seconds: float) -> int:
    """Returns the clip nearest to a moment, or -1 when none is near."""
    after = bisect(clips, seconds, key=lambda clip: clip[0].start_seconds)
    near = [index for index in (after - 1, after) if 0 <= index < len(clips)]
    nearest = min(near, key=lambda index: _distance(clips[index][0], seconds), default=-1)
    if nearest < 0 or _distance(clips[nearest][0], seconds) > TOLERANCE_SECONDS:
        return -1
    return nearest


def _distance(cut: Cut, seconds: float) -> float:
    return max(cut.start_seconds - seconds, seconds - cut.end_seconds, 0.0)
