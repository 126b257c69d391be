"""Reads a transcript that somebody has made: SRT or WebVTT, freed from all that is not speech."""

import re
from dataclasses import dataclass

import pysubs2

from services.chassis.errors import InvalidInputError

MAX_CUES = 100_000
MILLISECONDS = 1000
MARKUP = re.compile(r"<[^<>]*>|\{[^{}]*\}")
"""HTML and VTT tags, ASS override blocks."""
SOUNDS = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|[♪♫#*]+[^♪♫#*\n]*[♪♫#*]+|[♪♫]")
"""[music], (laughs), songs between notes."""
SPEAKER = re.compile(r"^\s*(?:>>+\s*|-\s+)?(?:[A-Z][A-Z .'\d-]{0,30}:\s+)?")
"""`>> `, a dash, or a name in capitals with a colon, as captions name who speaks."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: what is said between two times of the audio."""

    start_seconds: float
    end_seconds: float
    text: str


def parsed(content: bytes) -> list[Cue]:
    """Returns the cues with speech of an SRT or VTT file, in order of time.

    Raises InvalidInputError for anything else, and for a file without cues.
    """
    try:
        text = content.decode("utf-8-sig")
        style = "vtt" if text.lstrip().startswith("WEBVTT") else "srt"
        events = pysubs2.SSAFile.from_string(text, format_=style).events
    except (UnicodeDecodeError, ValueError, pysubs2.exceptions.Pysubs2Error) as error:
        raise _invalid("it is neither SRT nor WebVTT in UTF-8") from error
    if not events:
        raise _invalid("it holds no cue of an SRT or WebVTT file")
    if len(events) > MAX_CUES:
        raise _invalid(f"it holds more than {MAX_CUES} cues")
    if any(not 0 <= event.start <= event.end for event in events):
        raise _invalid("a cue ends before it starts")
    cues = [
        Cue(event.start / MILLISECONDS, event.end / MILLISECONDS, spoken(event.text))
        for event in sorted(events, key=lambda event: (event.start, event.end))
        if not event.is_comment
    ]
    return [cue for cue in cues if cue.text]


def spoken(caption: str) -> str:
    """Returns what is said in a caption: no markup, no speakers' names, no [sounds]."""
    lines = SOUNDS.sub(" ", MARKUP.sub("", caption.replace("\\N", "\n"))).splitlines()
    return " ".join(" ".join(SPEAKER.sub("", line, count=1) for line in lines).split())


def _invalid(problem: str) -> InvalidInputError:
    return InvalidInputError(
        f"The transcript cannot be used: {problem}. Give an SRT or WebVTT file.",
        reason="INVALID_SUBTITLES",
        field="subtitles_uri",
    )
