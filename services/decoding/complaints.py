"""What ffmpeg's and ffprobe's complaints mean to the person who dropped the file."""

import re

from services.chassis.errors import InvalidInputError, OverloadedError, ServiceError
from services.decoding.containers import NOT_MEDIA, refusal_of

_REFUSED_DEMUXER = re.compile(r"\[(\w+)[\w,]* @ [^\]]*\] Format not on whitelist")
_SENTENCES = (
    (
        re.compile(r"moov atom not found"),
        "INCOMPLETE_FILE",
        "The file is incomplete: its index, which comes last, is missing. Copy or record it again.",
    ),
    (
        re.compile(r"Protocol .* not on whitelist"),
        "PLAYLIST_NOT_ALLOWED",
        "This file points to other files or servers: drop the recording itself.",
    ),
    (
        re.compile(r"No space left on device"),
        "SCRATCH_FULL",
        "The disk is full: free some space in the scratch folder and try again.",
    ),
    (
        re.compile(r"Unknown decoder|Decoder .* not found|[Dd]ecoder \(codec .*\) not found"),
        "UNKNOWN_CODEC",
        "This ffmpeg has no decoder for the audio track: convert the file to mp4 or wav.",
    ),
)
NOTHING_DECODED = (
    "NOTHING_DECODED",
    "Not a single sample of the audio track could be decoded: the file is damaged. Copy it again.",
)
_RETRYABLE = frozenset({"SCRATCH_FULL"})


def error_for(complaints: str, *, otherwise: tuple[str, str] = NOT_MEDIA) -> ServiceError:
    """Returns the error to raise when a program failed with these complaints.

    `otherwise` is the reason and the sentence for complaints that mean nothing special.
    """
    reason, sentence = _meaning_of(complaints) or otherwise
    kind = OverloadedError if reason in _RETRYABLE else InvalidInputError
    return kind(sentence, reason=reason)


def tell_of_estimated_duration(complaints: str) -> bool:
    """Says whether ffprobe had to guess the duration from the bit rate."""
    return "Estimating duration from bitrate" in complaints


def _meaning_of(complaints: str) -> tuple[str, str] | None:
    if refused := _REFUSED_DEMUXER.search(complaints):
        return refusal_of(refused[1])
    for pattern, reason, sentence in _SENTENCES:
        if pattern.search(complaints):
            return reason, sentence
    return None
