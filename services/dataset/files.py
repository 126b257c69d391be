"""The files of an exported dataset: what they are called and what stands in them."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

SLUG_CHARACTERS = 40
TRAIN, VALIDATION, REJECTED = "train", "validation", "rejected"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One clip as exporting sees it."""

    name: str
    """The file's name without a suffix, unique in the dataset."""
    text: str
    split: str
    """train, validation or rejected."""
    duration_seconds: float
    speaker: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One export format: where a clip's file goes, and the tables beside them."""

    path_of: Callable[[Utterance], str]
    tables_of: Callable[[Sequence[Utterance]], Mapping[str, str]]
    """Takes the kept clips; returns file names and contents."""


def file_name(display_name: str, recording_id: str, start_seconds: float) -> str:
    """Returns a clip's name: the recording's name in ASCII, a bit of its id, the start in ms."""
    stem = PurePosixPath(display_name.replace("\\", "/")).stem
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-").lower()[:SLUG_CHARACTERS]
    return f"{slug or 'recording'}-{recording_id[:8]}-{round(start_seconds * 1000):08d}"


def _plain_path(utterance: Utterance) -> str:
    folder = "rejected" if utterance.split == REJECTED else "wavs"
    return f"{folder}/{utterance.name}.wav"


def _ljspeech(kept: Sequence[Utterance]) -> dict[str, str]:
    """https://keithito.com/LJ-Speech-Dataset: id|transcription|normalised transcription."""

    def rows(split: str) -> str:
        chosen = [u for u in kept if split in {u.split, ""}]
        return "".join(f"{u.name}|{_cell(u.text)}|{_cell(u.text)}\n" for u in chosen)

    return {
        "metadata.csv": rows(""),
        "metadata_train.csv": rows(TRAIN),
        "metadata_validation.csv": rows(VALIDATION),
    }


def _coqui(kept: Sequence[Utterance]) -> dict[str, str]:
    """What the `coqui` formatter of coqui-tts reads, as XTTS fine-tuning uses it."""

    def rows(split: str) -> str:
        lines = [
            f"{_plain_path(u)}|{_cell(u.text)}|{_cell(u.speaker)}\n"
            for u in kept
            if u.split == split
        ]
        return "".join(["audio_file|text|speaker_name\n", *lines])

    return {"metadata_train.csv": rows(TRAIN), "metadata_eval.csv": rows(VALIDATION)}


def _audiofolder_path(utterance: Utterance) -> str:
    if utterance.split == REJECTED:
        return _plain_path(utterance)
    return f"data/{utterance.split}/{utterance.name}.wav"


def _audiofolder(kept: Sequence[Utterance]) -> dict[str, str]:
    """https://huggingface.co/docs/datasets/audio_dataset#audiofolder."""

    def table(split: str) -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["file_name", "text", "speaker", "duration_seconds"])
        for u in kept:
            if u.split == split:
                writer.writerow([f"{u.name}.wav", u.text, u.speaker, f"{u.duration_seconds:.3f}"])
        return text.getvalue()

    return {f"data/{split}/metadata.csv": table(split) for split in (TRAIN, VALIDATION)}


def _cell(text: str) -> str:
    """Keeps the column separator out of a column."""
    return " ".join(text.replace("|", " ").split())


LJSPEECH = Layout(_plain_path, _ljspeech)
COQUI_XTTS = Layout(_plain_path, _coqui)
AUDIOFOLDER = Layout(_audiofolder_path, _audiofolder)


def pretty_json(value: object) -> str:
    """Returns JSON for people and programs: indented, with keys in the order given."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
