"""Sorts the weights of an XTTS checkpoint, whoever wrote it."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from services.inference.engines.checkpoints import corrupt, read_checkpoint, weights_in

_IGNORED_CLASSES = (
    "TTS.tts.configs.xtts_config.XttsConfig",
    "TTS.tts.configs.xtts_config.XttsArgs",
    "TTS.tts.configs.xtts_config.XttsAudioConfig",
    "TTS.tts.models.xtts.XttsArgs",
    "TTS.tts.models.xtts.XttsAudioConfig",
    "TTS.config.shared_configs.BaseDatasetConfig",
    "TTS.config.shared_configs.BaseAudioConfig",
)
"""What the published checkpoint holds beside the weights: its config, as objects."""
_UNUSED = re.compile(
    r"gpt\.gpt_inference\."  # the same weights again, under the name of coqui's generator
    r"|gpt\.gpt\.wte\."  # the embedding of audio tokens again
    r"|gpt\.gpt\.h\.\d+\.attn\.(masked_)?bias$"  # the causal mask of older transformers
    r"|torch_mel_spectrogram_(style_encoder|dvae)\.|dvae\."  # for training alone
)
_PARTS = ("gpt", "hifigan_decoder")


def read_weights(path: Path) -> tuple[dict[str, dict[str, Tensor]], Tensor | None]:
    """Returns the weights of `gpt` and `hifigan_decoder`, and the mel norms if there are any.

    Raises InvalidInputError, see `read_checkpoint`.
    """
    content = read_checkpoint(path, ignored_classes=_IGNORED_CLASSES)
    weights = weights_in(content.get("model", content), path)
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in _PARTS}
    mel_norms = None
    for key, weight in weights.items():
        name = key.removeprefix("xtts.")  # coqui's trainer puts it there
        part, _, rest = name.partition(".")
        if name == "mel_stats":
            mel_norms = weight.to(torch.float32, copy=True)
        elif not _UNUSED.match(name):
            if part not in parts:
                raise corrupt(path, f"{key!r} in it belongs to no XTTS")
            parts[part][rest] = weight
    return parts, mel_norms


def block_count(gpt: Mapping[str, Tensor]) -> int:
    """Returns how many transformer blocks the weights of a GPT have."""
    return len({name.split(".")[2] for name in gpt if name.startswith("gpt.h.")})
