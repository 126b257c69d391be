"""Reads the config.json of a coqui VITS folder, and makes it fit this machine."""

import json
from pathlib import Path
from typing import Any

from services.inference.engines.checkpoints import corrupt, incomplete, refusing
from services.inference.engines.vits.speakers import speaker_names

FILES = ("language_ids_file", "d_vector_file")
"""Settings that name files, by paths of the machine that trained the model."""
FOR_SPEAKING = {
    "init_discriminator": False,
    "num_layers_posterior_encoder": 1,  # only training needs it: as small as it can be made
    "use_speaker_encoder_as_loss": False,
    "speaker_encoder_model_path": "",
    "speaker_encoder_config_path": "",
}
OURS = "TTS."
"""Classes that a config may name: coqui's own; coqui would import any."""


def read_config(folder: Path) -> Any:  # noqa: ANN401  coqui has no types
    """Returns coqui's `VitsConfig` of a model's folder, with what only training needs left out.

    Files that it names are looked for in the folder itself, whatever their paths. Raises
    InvalidInputError with the reason MODEL_INCOMPLETE when there is none, and CORRUPT_CHECKPOINT
    for one that is no config of a VITS model.
    """
    from TTS.tts.configs.vits_config import VitsConfig

    path = folder / "config.json"
    if not path.is_file():
        raise incomplete(path)
    with refusing(path):
        content = json.loads(path.read_bytes())
        if content["model"].lower() != "vits":
            raise corrupt(path, "it describes no VITS model")
        characters = (content.get("characters") or {}).get("characters_class") or OURS
        if not characters.startswith(OURS):
            raise corrupt(path, f"its characters_class {characters!r} is none of coqui's")
        speakers = speaker_names(content, folder)
        for settings in (content, content["model_args"]):
            settings |= {name: here for name in FILES if (here := _here(folder, settings, name))}
            settings["speakers_file"] = None
        if content["model_args"].get("use_speaker_embedding"):
            content["speakers"] = [*speakers]  # read as data already: coqui reads no file of them
        content["model_args"] |= FOR_SPEAKING
        config = VitsConfig()
        config.from_dict(content)
    return config


def _here(folder: Path, settings: dict[str, Any], name: str) -> str | list[str] | None:
    named = settings.get(name)
    if not named:
        return None
    if isinstance(named, list):
        return [str(_in(folder, each)) for each in named]
    return str(_in(folder, named))


def _in(folder: Path, named: str) -> Path:
    path = folder / Path(named).name
    if not path.is_file():
        raise incomplete(path)
    return path
