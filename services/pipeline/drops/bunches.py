"""Which dropped files are complete and belong into one run; pure.

What lies under `inbox/<voice>/` is a drop for that voice. Files keep changing while they are
uploaded and come in bunches, so a file counts when it rests, and a voice when it is quiet.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from services.pipeline.new_run import is_voice_name

__all__ = [
    "INBOX",
    "NOTE_SUFFIX",
    "VOICE_FILE",
    "Bunch",
    "File",
    "Patience",
    "Sighting",
    "bunches",
    "is_partial",
    "observed",
    "request_id_of",
    "strays",
]

INBOX = "inbox/"
VOICE_FILE = "voice.json"
"""Holds the options of a voice's runs."""
NOTE_SUFFIX = ".refused.txt"
"""Ends the name of the note that says why the file beside it was refused."""
SUBTITLES = {".srt", ".vtt"}
PARTIAL = {".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart"}
KEY_DEPTH = 3  # inbox, voice, file


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was seen."""

    key: str
    """`inbox/<voice>/<file>`; folders below the voice's are allowed."""
    size_bytes: int
    modified_time: datetime

    @property
    def identity(self) -> str:
        """Differs when the file is another one, or has changed."""
        described = f"{self.key}\0{self.size_bytes}\0{self.modified_time.isoformat()}"
        return hashlib.sha256(described.encode(errors="surrogateescape")).hexdigest()[:32]

    @property
    def name(self) -> str:
        """The name of the file alone."""
        return PurePosixPath(self.key).name


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file, and since when it has been as it is."""

    file: File
    since: datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before a drop is taken."""

    rest_seconds: float
    """For each file, after it changed."""
    quiet_seconds: float
    """For the voice, after anything dropped."""


@dataclass(frozen=True, slots=True)
class Bunch:
    """The files that become one run of a voice."""

    voice: str
    recordings: tuple[File, ...]
    subtitles: Mapping[str, File]
    """The key of a recording -> the transcript that lies beside it."""
    voice_file: File | None


def observed(
    sightings: Mapping[str, Sighting], files: Iterable[File], now: datetime
) -> dict[str, Sighting]:
    """Returns what is seen now; a file that has not changed keeps its time."""
    seen = {}
    for file in files:
        earlier = sightings.get(file.key)
        same = earlier is not None and earlier.file == file
        seen[file.key] = earlier if earlier and same else Sighting(file, now)
    return seen


def bunches(
    sightings: Mapping[str, Sighting], refused: Iterable[str], patience: Patience, now: datetime
) -> list[Bunch]:
    """Returns the drops that are due, by voice; files in `refused`, by identity, stay out."""
    known, by_voice = set(refused), dict[str, list[Sighting]]()
    for sighting in sightings.values():
        if voice := _voice_of(sighting.file):
            by_voice.setdefault(voice, []).append(sighting)
    return [
        bunch
        for voice, seen in sorted(by_voice.items())
        if _is_due(seen, patience, now) and (bunch := _bunch(voice, seen, known)).recordings
    ]


def strays(
    sightings: Mapping[str, Sighting], refused: Iterable[str], patience: Patience, now: datetime
) -> list[File]:
    """Returns the complete files that lie in no voice's folder, those in `refused` left out."""
    known = set(refused)
    return [
        each.file
        for each in sightings.values()
        if not _voice_of(each.file)
        and _is_recording(each.file.name)
        and each.file.identity not in known
        and now - each.since >= timedelta(seconds=patience.rest_seconds)
    ]


def is_partial(name: str) -> bool:
    """True for the names that programs give to what is not finished, and for hidden files."""
    path = PurePosixPath(name)
    return path.name.startswith((".", "~")) or name.endswith("~") or path.suffix.lower() in PARTIAL


def request_id_of(voice: str, recording_ids: Sequence[str], files: Sequence[File]) -> str:
    """Returns the same text for the same drop, so that a crash starts no second run."""
    described = [voice, *sorted(recording_ids), *sorted(file.identity for file in files)]
    return "drop/" + hashlib.sha256("\0".join(described).encode()).hexdigest()


def _voice_of(file: File) -> str:
    parts = file.key.split("/", KEY_DEPTH - 1)
    return parts[1] if len(parts) == KEY_DEPTH and is_voice_name(parts[1]) else ""


def _is_due(seen: Sequence[Sighting], patience: Patience, now: datetime) -> bool:
    waited = max(patience.rest_seconds, patience.quiet_seconds)
    return all(now - sighting.since >= timedelta(seconds=waited) for sighting in seen)


def _bunch(voice: str, seen: Sequence[Sighting], refused: set[str]) -> Bunch:
    files = sorted((sighting.file for sighting in seen), key=lambda file: file.key)
    recordings = [it for it in files if _is_recording(it.name) and it.identity not in refused]
    transcripts = {
        it.key[: -len(PurePosixPath(it.name).suffix)]: it
        for it in files
        if PurePosixPath(it.name).suffix.lower() in SUBTITLES
    }
    beside = {it.key: _beside(it.key, transcripts) for it in recordings}
    return Bunch(
        voice=voice,
        recordings=tuple(recordings),
        subtitles={key: found for key, found in beside.items() if found},
        voice_file=next((it for it in files if it.key == f"{INBOX}{voice}/{VOICE_FILE}"), None),
    )


def _beside(key: str, transcripts: Mapping[str, File]) -> File | None:
    """`talk.srt` and `talk.mp4.srt` belong to `talk.mp4`."""
    stem = key[: -len(PurePosixPath(key).suffix)] if PurePosixPath(key).suffix else key
    return transcripts.get(key) or transcripts.get(stem)


def _is_recording(name: str) -> bool:
    is_other = name == VOICE_FILE or name.endswith(NOTE_SUFFIX)
    return not (is_other or is_partial(name) or PurePosixPath(name).suffix.lower() in SUBTITLES)
