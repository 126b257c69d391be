"""Loads VITS models that coqui-tts trained, without executing what may be pickled in them."""

import logging
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from services.chassis.errors import InvalidInputError
from services.inference.engines.checkpoints import (
    corrupt,
    incomplete,
    load_weights,
    read_checkpoint,
    refusing,
    weights_in,
)
from services.inference.engines.vits.checkpoint_config import read_config
from services.inference.engines.vits.model import (
    FOR_TRAINING,
    VitsModel,
    drop_training_parts,
    fold_weights,
    take_decoder,
)

WEIGHT_FILES = ("model.pth", "model_file.pth", "best_model.pth")
"""As we, coqui's releases and coqui's trainer name it."""
# coqui's tokenizer logs texts when it lacks a character of theirs.
logging.getLogger("TTS.tts.utils.text").setLevel(logging.ERROR)


def load_checkpoint(folder: Path, device: str = "cpu") -> VitsModel:
    """Returns the model in a folder that holds coqui's config.json and a file of weights.

    Raises InvalidInputError with the reason MODEL_INCOMPLETE when a file is missing, and
    CORRUPT_CHECKPOINT when one is broken or holds more than weights.
    """
    config = read_config(folder)
    network = _network(config, folder / "config.json")
    drop_training_parts(network)
    path = next((p for name in WEIGHT_FILES if (p := folder / name).is_file()), None)
    if path is None:
        raise incomplete(folder / WEIGHT_FILES[0])
    load_weights(network, _weights(path), path)
    fold_weights(network)
    network.to(device)
    return VitsModel(
        network=network,
        decoder=take_decoder(network, torch.device(device)),
        tokenize=partial(_tokens, network.tokenizer),
        languages=_languages(network.language_manager.language_names),
        sample_rate_hertz=config.audio.sample_rate,
        speakers=_speakers(network),
    )


def _network(config: Any, path: Path) -> Any:  # noqa: ANN401  coqui has no types
    from TTS.tts.models.vits import Vits

    with refusing(path):
        try:
            return Vits(config)
        except ImportError as error:
            raise corrupt(
                path, f"its texts need the package {error.name!r}, which is not installed"
            ) from error


def _weights(path: Path) -> dict[str, torch.Tensor]:
    content = read_checkpoint(path)
    weights = {
        name: weight
        for name, weight in weights_in(content.get("model"), path).items()
        if not FOR_TRAINING.match(name)
    }
    if not all(weight.isfinite().all() for weight in weights.values()):
        raise corrupt(path, "some of its weights are no numbers, so its training went wrong")
    return weights


def _speakers(network: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401
    manager = network.speaker_manager
    if manager is None:
        return {}
    if network.args.use_speaker_embedding:
        vectors = network.emb_g.weight
        return {name: vectors[i][None, :, None] for name, i in manager.name_to_id.items()}
    device = network.text_encoder.emb.weight.device
    return {
        name: functional.normalize(_mean(manager, name)[None]).unsqueeze(-1).to(device)
        for name in manager.embedding_names
    }


def _mean(manager: Any, name: str) -> torch.Tensor:  # noqa: ANN401
    return torch.tensor(manager.get_mean_embedding(name), dtype=torch.float)


def _languages(names: Iterable[str]) -> dict[str, str]:
    """Returns BCP 47 -> coqui's name; a country is named where it tells two apart."""
    languages: dict[str, str] = {}
    for name in names:
        language, _, country = name.partition("-")
        code = language.lower()
        if country and (code in languages or code == "zh"):
            code = f"{code}-{country.upper()}"
        languages[code] = name
    return languages


def _tokens(tokenizer: Any, text: str, language: str) -> list[int]:  # noqa: ANN401
    tokens: list[int] = tokenizer.text_to_ids(text, language=language)
    nothing: list[int] = tokenizer.text_to_ids("", language=language)
    if len(tokens) <= len(nothing):
        raise InvalidInputError(
            "The model knows none of the text's characters: use words of its language.",
            reason="NOTHING_TO_SPEAK", field="text",
        )  # fmt: skip
    return tokens
