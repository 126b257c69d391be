"""Whom models bring along, read from their files without loading the models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.inference.engines.engine import EngineKind

XTTS_SPEAKERS = "speakers_xtts.pth"
_MANY_VOICES = ("use_speaker_embedding", "use_d_vector_file")
"""Settings of a VITS model that has more than one voice."""


def speaker_files(kind: EngineKind, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns which files beside a config.json tell its model's speakers; not all need be there."""
    if kind is EngineKind.XTTS:
        return (XTTS_SPEAKERS,)
    if kind is EngineKind.VITS and _has_many_voices(config):
        from services.inference.engines.vits import speakers as of_vits

        return of_vits.speaker_files(config)
    return ()


def speaker_names(kind: EngineKind, config: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Returns the speakers of the model in a folder, in its own order. Blocks.

    Raises InvalidInputError with the reason MODEL_INCOMPLETE or CORRUPT_CHECKPOINT.
    """
    if kind is EngineKind.XTTS and (folder / XTTS_SPEAKERS).is_file():
        from services.inference.engines.xtts.loading import speakers as of_xtts

        return of_xtts.speaker_names(folder / XTTS_SPEAKERS)
    if kind is EngineKind.VITS and _has_many_voices(config):
        from services.inference.engines.vits import speakers as of_vits

        return of_vits.speaker_names(config, folder)
    return ()


def _has_many_voices(config: Mapping[str, Any]) -> bool:
    arguments = config.get("model_args")
    return isinstance(arguments, dict) and any(map(arguments.get, _MANY_VOICES))
