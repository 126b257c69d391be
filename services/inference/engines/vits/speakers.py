"""Whom a coqui VITS model was trained to speak as, without loading the model.

A model that has a voice for each of its speakers numbers them in config.json's `speakers`, or else
in its `speakers_file`; one that is told a voice as a vector has vectors of each in a
`d_vector_file`. Source: `SpeakerManager.init_from_config` of coqui-tts.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.inference.engines.checkpoints import corrupt, incomplete, read_checkpoint, refusing
from services.inference.engines.speakers import checked_names

MAX_FILE_BYTES = 256 << 20


def speaker_files(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the names of the files, beside a config.json, that say who the speakers are."""
    arguments = config["model_args"]
    if arguments.get("use_speaker_embedding"):
        named = None if config.get("speakers") else arguments.get("speakers_file")
    else:
        named = arguments.get("d_vector_file")
    several = named if isinstance(named, list) else [named]
    return tuple(Path(each).name for each in several if each and isinstance(each, str))


def speaker_names(config: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Returns the speakers of the model in a folder, as it numbers them; none if it has one voice.

    Blocks. Raises InvalidInputError with the reason MODEL_INCOMPLETE for an absent file, and
    CORRUPT_CHECKPOINT for a broken one.
    """
    config_path = folder / "config.json"
    with refusing(config_path):
        arguments = config["model_args"]
        if arguments.get("use_speaker_embedding"):
            if config.get("speakers"):
                return checked_names(config["speakers"], config_path)
            read = _numbered
        elif arguments.get("use_d_vector_file"):
            read = _with_vectors
        else:
            return ()
        paths = [folder / name for name in speaker_files(config)]
    if not paths:
        raise corrupt(
            config_path, "its model has several speakers, and no file is said to name them"
        )
    return tuple(dict.fromkeys(name for path in paths for name in read(path)))


def _numbered(path: Path) -> tuple[str, ...]:
    """Returns the names in a file of name -> number, by their numbers."""
    numbers = _content(path)
    names = checked_names(numbers, path)
    if not all(type(number) is int for number in numbers.values()):
        raise corrupt(path, "it does not number its speakers")
    if sorted(numbers.values()) != list(range(len(numbers))):
        raise corrupt(path, "it does not number its speakers from zero on")
    return tuple(sorted(names, key=lambda name: numbers[name]))


def _with_vectors(path: Path) -> tuple[str, ...]:
    """Returns the names in a file of clip -> name and vector, in its order."""
    clips = _content(path).values()
    if not all(isinstance(clip, dict) and {"name", "embedding"} <= clip.keys() for clip in clips):
        raise corrupt(path, "it holds something else than names and vectors")
    return checked_names((clip["name"] for clip in clips), path)


def _content(path: Path) -> Mapping[Any, Any]:
    if not path.is_file():
        raise incomplete(path)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise corrupt(path, f"it has more than {MAX_FILE_BYTES >> 20} MiB")
    if path.suffix != ".json":
        return read_checkpoint(path)
    with refusing(path):
        content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        raise corrupt(path, "it names no speakers")
    return content
