"""A transcript in forms that people and players read."""

from collections.abc import Iterable
from datetime import timedelta

from ttstrainer.transcription.v1.transcription_service_pb2 import ClipTranscript


def as_text(clips: Iterable[ClipTranscript]) -> str:
    """Returns one line a clip."""
    return "".join(f"{_line(clip.text)}\n" for clip in clips if clip.text.strip())


def as_srt(clips: Iterable[ClipTranscript]) -> str:
    """Returns subtitles in the SubRip format, a cue for each clip with a text."""
    spoken = (clip for clip in clips if clip.text.strip())
    return "\n".join(
        f"{number}\n{_stamp(clip.start_seconds)} --> {_stamp(clip.end_seconds)}\n"
        f"{_line(clip.text)}\n"
        for number, clip in enumerate(spoken, start=1)
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _stamp(seconds: float) -> str:
    """Returns a time as SubRip writes it: 00:01:02,345."""
    milliseconds = round(timedelta(seconds=seconds) / timedelta(milliseconds=1))
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, rest = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02},{rest:03}"
