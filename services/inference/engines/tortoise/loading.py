"""Loads a Tortoise folder, without executing what may be pickled in its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from TTS.tts.configs.tortoise_config import TortoiseConfig
from TTS.tts.models.tortoise import Tortoise

from services.chassis.errors import InvalidInputError
from services.inference.engines.checkpoints import (
    corrupt,
    incomplete,
    load_weights,
    read_checkpoint,
    read_weight,
    refusing,
    weights_in,
)

_MEL_NORMS = "mel_norms.pth"
_FILES = {
    "autoregressive": "autoregressive.pth",
    "diffusion": "diffusion_decoder.pth",
    "clvp": "clvp2.pth",
    "vocoder": "vocoder.pth",
}
"""Part of the model -> file, as they were published."""
_SPEAKING = (
    "length_penalty",
    "cond_free_k",
    "diffusion_temperature",
    "num_autoregressive_samples",
    "diffusion_iterations",
    "sampler",
)
"""What of a config is used beside the sizes of the model."""
_MEL_BANDS = 80
_MAX_LAYERS = 1000
"""More than any model has; a config that asks for more would never be built."""


@dataclass(frozen=True, slots=True)
class LoadedTortoise:
    """coqui's model with its weights, ready for inference, and what hearing a voice needs."""

    model: Tortoise
    mel_norms: Tensor
    """What mel bands are divided by, of shape (80,)."""


def load_tortoise(folder: Path, device: torch.device) -> LoadedTortoise:
    """Loads `config.json` and the files of weights beside it, ready for inference. Blocks.

    Raises InvalidInputError with the reason MODEL_INCOMPLETE, CORRUPT_CHECKPOINT or
    UNSUPPORTED_MODEL.
    """
    config = _read_config(folder / "config.json")
    with refusing(folder / "config.json"), torch.device("meta"):
        model = Tortoise(config)
    for part, name in _FILES.items():
        path = folder / name
        load_weights(getattr(model, part), _weights(path, getattr(model, part)), path)
    mel_norms = read_weight(folder / _MEL_NORMS)
    if mel_norms.shape != (_MEL_BANDS,):
        raise corrupt(folder / _MEL_NORMS, f"it does not hold {_MEL_BANDS} norms")
    model.autoregressive.post_init_gpt2_config(config.model_args.kv_cache)
    model.to(device)
    model.eval()
    return LoadedTortoise(model, mel_norms.to(device, torch.float32, copy=True))


def _weights(path: Path, part: nn.Module) -> Mapping[str, Tensor]:
    content = read_checkpoint(path)
    weights = weights_in(content.get("model_g", content), path)
    # Of the autoregressive part, the published file has masks that transformers makes by itself.
    known = part.state_dict().keys()
    return {
        name: weight
        for name, weight in weights.items()
        if name in known or not name.endswith((".attn.bias", ".attn.masked_bias"))
    }


def _read_config(path: Path) -> TortoiseConfig:
    if not path.is_file():
        raise incomplete(path)
    config = TortoiseConfig()
    with refusing(path):
        config.load_json(path)
    if config.model != "tortoise":
        raise InvalidInputError(
            f"The model {path.parent.name!r} is not a Tortoise: its config.json says otherwise.",
            reason="UNSUPPORTED_MODEL",
            field="model",
        )
    arguments = config.model_args
    depths = (
        arguments.ar_layers,
        arguments.diff_num_layers,
        arguments.clvp_text_enc_depth,
        arguments.clvp_speech_enc_depth,
    )
    if max(depths) > _MAX_LAYERS:
        raise corrupt(path, "it asks for more layers than any model has")
    arguments.enable_redaction = False  # its aligner would be fetched from a hub
    arguments.autoregressive_batch_size = arguments.autoregressive_batch_size or 1
    # Nothing else: a config can name files and classes that coqui-tts would load.
    return TortoiseConfig(
        model_args=arguments, **{name: getattr(config, name) for name in _SPEAKING}
    )
